import type { Page } from "@playwright/test";
import { REFUSED, UNREACHABLE } from "./support/complaints";
import { card, history, logIn, openRename } from "./support/forms";
import { openLiveList } from "./support/settled";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./support/user-agents";

const heading = (page: Page) => page.getByRole("heading", { name: "Your sessions" });

test("what is known of a session is shown", async ({ openSignedIn }) => {
  await openSignedIn(SAFARI_ON_IPHONE, {
    startedAgo: 3 * 86_400,
    seenAgo: 3_600,
    ip: "198.51.100.7",
    endsIn: 86_400,
  });
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await page.goto("/sessions");
  const phone = card(page, "Safari on iOS");
  await expect(phone).toContainText("Phone");
  await expect(phone).toContainText("198.51.100.7");
  await expect(phone).toContainText("3 days ago");
  await expect(phone).toContainText("1 hour ago");
  await expect(phone).toContainText(/in (60 minutes|1 hour) unless used/);
  await expect(phone.getByText("3 days ago")).toHaveAttribute("title", /\d{4}/);
  await expect(card(page, "Chrome on macOS")).toContainText("Active now");
});

test.describe("a name", () => {
  test("is trimmed, announced, and taken back by an empty one", async ({ openSignedIn, db }) => {
    const { page, session } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    const nameInDatabase = async () => {
      const { rows } = await db.query("SELECT name FROM sessions WHERE id = $1", [session.id]);
      return rows[0]?.name;
    };
    await (await openRename(page, "Chrome on macOS")).fill("   Kitchen table  ");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status").getByText("It is called Kitchen table now.")).toBeVisible();
    await expect(card(page, "Kitchen table")).toBeVisible();
    await expect(card(page, "Kitchen table").locator("summary")).toBeFocused();
    await expect(card(page, "Kitchen table").getByLabel("Name")).toBeHidden();
    expect(await nameInDatabase()).toBe("Kitchen table");

    const field = await openRename(page, "Kitchen table");
    await expect(field).toHaveValue("Kitchen table");
    await expect(field).toHaveAccessibleDescription("Leave it empty to call it Chrome on macOS.");
    await field.fill("   ");
    await page.keyboard.press("Enter");
    await expect(card(page, "Chrome on macOS")).toBeVisible();
    expect(await nameInDatabase()).toBeNull();
  });

  test("of 60 characters is taken, of 61 refused at its field, and what was typed is kept", async ({
    openSignedIn,
  }) => {
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    const field = await openRename(page, "Chrome on macOS");
    await field.pressSequentially("x".repeat(61));
    await expect(field).toHaveValue("x".repeat(60));

    await field.evaluate((input) => input.removeAttribute("maxlength"));
    await field.fill("y".repeat(61));
    await page.keyboard.press("Enter");
    await expect(field).toHaveAccessibleDescription(/Use 60 characters or fewer\./);
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveValue("y".repeat(61));
    await expect(field).toBeFocused();

    await field.fill("z".repeat(60));
    await page.keyboard.press("Enter");
    await expect(card(page, "z".repeat(60))).toBeVisible();
  });

  test("may be anything: it is shown as text, and nothing else", async ({ openSignedIn }) => {
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    const name = `<img src=x onerror="document.title='broken'"> 🗝️ مفتاح`;
    await (await openRename(page, "Chrome on macOS")).fill(name);
    await page.keyboard.press("Enter");
    await expect(card(page, name)).toBeVisible();
    await page.reload();
    await expect(card(page, name)).toBeVisible();
    await expect(page.locator("img")).toHaveCount(0);
    await expect(page).toHaveTitle("Your sessions · Latchkey");
  });
});

test.describe("ending sessions by keyboard alone", () => {
  test("one: a double press ends it once, and the focus stays on the page", async ({ openSignedIn }) => {
    await openSignedIn(SAFARI_ON_IPHONE, { startedAgo: 60 });
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    let posts = 0;
    page.on("request", (request) => {
      if (request.method() === "POST") posts += 1;
    });
    const button = page.getByRole("button", { name: "Sign out Safari on iOS" });
    await button.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status").getByText("Ended Safari on iOS.")).toBeVisible();
    await expect(history(page)).toContainText("Safari on iOS");
    await expect(heading(page)).toBeFocused();
    expect(posts).toBe(1);

    await page.getByRole("button", { name: "Close this message" }).press("Enter");
    await expect(page.getByText("Ended Safari on iOS.")).toBeHidden();
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
  });

  test("all others: a dialog asks first, and the focus goes where it belongs", async ({ openSignedIn }) => {
    const phone = await openSignedIn(SAFARI_ON_IPHONE);
    const other = await openSignedIn(FIREFOX_ON_WINDOWS);
    await phone.page.goto("/dashboard");
    await other.page.goto("/security");
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    const button = page.getByRole("button", { name: "Sign out all other devices" }).first();
    const dialog = page.getByRole("dialog", { name: "Sign out all other devices?" });
    await button.focus();
    await page.keyboard.press("Enter");
    await expect(dialog).toHaveAccessibleDescription(
      "The 2 other sessions end at once. This device stays signed in.",
    );
    await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();

    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    await expect(page.getByRole("article")).toHaveCount(3);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await expect(dialog.getByRole("button", { name: "Sign out all other devices" })).toBeFocused();
    await page.keyboard.press("Enter");

    await expect(page.getByRole("status").getByText("Ended 2 other sessions.")).toBeVisible();
    await expect(page.getByRole("article")).toHaveCount(1);
    await expect(heading(page)).toBeFocused();
    for (const left of [phone.page, other.page]) {
      await expect(
        left.getByText("This device and all others were signed out from Chrome on macOS"),
      ).toBeVisible();
    }
    await expect(history(page).getByText(/^Confirmed by the device/)).toHaveCount(2);
  });

  test("everywhere: this device, too", async ({ openSignedIn, open, person, complaints }) => {
    complaints.expect(REFUSED);
    const phone = await openSignedIn(SAFARI_ON_IPHONE);
    await phone.page.goto("/dashboard");
    const { page, context } = await openSignedIn(CHROME_ON_MAC);
    await openLiveList(page);
    await page.getByRole("button", { name: "Sign out everywhere" }).first().press("Enter");
    const dialog = page.getByRole("dialog", { name: "Sign out everywhere?" });
    await dialog.getByRole("button", { name: "Sign out everywhere" }).press("Enter");
    await expect(page).toHaveURL("/login?signed_out=1");
    await expect(page.getByText("You are signed out.")).toBeVisible();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain("session");
    await expect(phone.page.getByText("You were signed out everywhere, from Chrome on macOS")).toBeVisible();

    const later = await open();
    await later.page.goto("/login");
    await logIn(later.page, person.email);
    const row = history(later.page).getByRole("listitem").filter({ hasText: "Chrome on macOS" }).first();
    await expect(row).toContainText("Signed out everywhere, from Chrome on macOS");
    await expect(row).not.toContainText(/Offline|Waiting/);
  });
});

test("a session that ended in the meantime is not ended again", async ({ openSignedIn, db, complaints }) => {
  complaints.expect(UNREACHABLE);
  const { session } = await openSignedIn(SAFARI_ON_IPHONE);
  const { page, context } = await openSignedIn(CHROME_ON_MAC);
  await context.route("**/api/auth/events", (route) => route.abort());
  await page.goto("/sessions");
  await db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'logout' WHERE id = $1", [session.id]);
  await page.getByRole("button", { name: "Sign out Safari on iOS" }).click();
  await expect(page.getByText("That session had ended already.")).toBeVisible();
  await expect(history(page).getByText("Logged out on the device itself")).toBeVisible();
});

test("a device that does not answer is said to be offline, and to be out at its next contact", async ({
  openSignedIn,
}) => {
  await openSignedIn(SAFARI_ON_IPHONE);
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await page.goto("/sessions");
  await page.getByRole("button", { name: "Sign out Safari on iOS" }).click();
  await expect(history(page).getByText("Waiting for the device…")).toBeVisible();
  await expect(history(page).getByText("Offline: it will be out at its next contact.")).toBeVisible({
    timeout: 10_000,
  });
});
