import type { Locator, Page, Route } from "@playwright/test";
import { isolate } from "@/app/_components/isolate";
import { PRODUCT } from "@/lib/product";
import { REFUSED, UNREACHABLE } from "./support/complaints";
import { card, history, logIn, openRename } from "./support/forms";
import { openLiveList } from "./support/settled";
import { addDevice } from "./support/sign-in";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./support/user-agents";

/** Whether a text is drawn from its first letter at the left to its last at the right: no name turns it around. */
function isDrawnForwards(text: Locator): Promise<boolean> {
  return text.evaluate((element) => {
    const lefts: number[] = [];
    const range = document.createRange();
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode as Text;
      for (let offset = 0; offset < node.length; offset += 1) {
        range.setStart(node, offset);
        range.setEnd(node, offset + 1);
        lefts.push(range.getBoundingClientRect().left);
      }
    }
    return lefts[0] === Math.min(...lefts) && lefts.at(-1) === Math.max(...lefts);
  });
}

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
  await expect(page.getByRole("article").first().getByRole("button", { name: "Sign out" })).toBeVisible();
  const isInTheWay = await page.evaluate(() => {
    const { bottom, left } =
      document.querySelector("main [role=status]")?.getBoundingClientRect() ?? new DOMRect();
    return document.elementFromPoint(left + 1, bottom - 1)?.matches("[role=status]");
  });
  expect(isInTheWay, "the place of a message that is not there").toBe(false);
  const phone = card(page, "Safari on iOS");
  await expect(phone).toContainText("Phone");
  await expect(phone).toContainText("198.51.100.7");
  await expect(phone).toContainText("3 days ago");
  await expect(phone).toContainText("1 hour ago");
  await expect(phone).toContainText(/in (60 minutes|1 hour) unless used/);
  await expect(phone.getByText("3 days ago")).toHaveAttribute("title", /\d{4}/);
  await expect(card(page, "Chrome on macOS")).toContainText("Active now");
});

test("a device is active for two minutes, by the clock of an open page, too", async ({ openSignedIn }) => {
  await openSignedIn(FIREFOX_ON_WINDOWS, { seenAgo: 60 });
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await page.clock.install();
  await openLiveList(page);
  const other = card(page, "Firefox on Windows");
  await expect(other.getByText("Active", { exact: true })).toBeVisible();
  await expect(other.getByText("Active now")).toBeVisible();
  // After such a leap the page takes its stream for dead and fetches the list, by the clock of a server that has not leapt.
  await page.route("/sessions?_rsc=*", () => {});
  await page.clock.fastForward(75_000);
  await expect(other.getByText("Active", { exact: true })).toBeHidden();
  await expect(other.getByText("Active now")).toBeHidden();
  await expect(other.getByText("2 minutes ago")).toBeVisible();
  await expect(card(page, "Chrome on macOS").getByText("Active now")).toBeVisible();
});

test("the list of what ended says where it stops", async ({ openSignedIn, person, db }) => {
  const { page } = await openSignedIn(CHROME_ON_MAC);
  for (let count = 1; count <= 19; count += 1)
    await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 60, endedAgo: 30 });
  await page.goto("/sessions");
  await expect(history(page).getByRole("listitem")).toHaveCount(19);
  await expect(page.getByText("The last 20.")).toHaveCount(0);
  await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 60, endedAgo: 30 });
  await page.reload();
  await expect(page.getByText("The last 20.")).toBeVisible();
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
    await expect(
      page.getByRole("status").getByText(`It is called ${isolate("Kitchen table")} now.`),
    ).toBeVisible();
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
    await expect(page).toHaveTitle(`Your sessions · ${PRODUCT.name}`);
  });

  test("may be written from right to left, and turns nothing around beside it", async ({ openSignedIn }) => {
    const name = "هاتف\u202e العمل";
    await openSignedIn(SAFARI_ON_IPHONE, { name, ip: "203.0.113.44" });
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    await page.getByRole("button", { name: `Sign out ${name}` }).click();
    const said = page.getByText(`Signed out ${isolate(name)}.`);
    await expect(said).toBeVisible();
    expect(await isDrawnForwards(said)).toBe(true);
    const row = history(page).getByRole("heading", { name: `${name} 203.0.113.44`, exact: true });
    await expect(row).toBeVisible();
    expect(await isDrawnForwards(row.getByText("203.0.113.44"))).toBe(true);
  });
});

test.describe("ending sessions by keyboard alone", () => {
  test("one of many: a double press ends it once, and the focus goes on to the next", async ({
    openSignedIn,
    person,
    db,
  }) => {
    await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 60, ip: "198.51.100.7" });
    await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 120 });
    await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 180, ip: "198.51.100.8" });
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    const headingOf = (name: string) => card(page, name).getByRole("heading");
    let posts = 0;
    page.on("request", (request) => {
      if (request.method() === "POST") posts += 1;
    });
    const button = page.getByRole("button", { name: "Sign out Safari on iOS" });
    for (const control of [button, card(page, "Safari on iOS").locator("summary")]) {
      await expect(control.first()).toHaveAccessibleDescription(/198\.51\.100\.7/);
      await expect(control.last()).toHaveAccessibleDescription(/198\.51\.100\.8/);
    }
    await button.first().focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    const message = page.getByRole("status").getByText(`Signed out ${isolate("Safari on iOS")}.`);
    await expect(message).toBeVisible();
    await expect(history(page)).toContainText("Safari on iOS");
    await expect(headingOf("Firefox on Windows")).toBeFocused();
    expect(posts).toBe(1);

    // The same words again are news: a screen reader reads what is new, and nothing that only stays.
    const first = await message.elementHandle();
    await button.press("Enter");
    await expect(button).toHaveCount(0);
    await expect.poll(() => first?.evaluate((element) => element.isConnected)).toBe(false);
    await expect(headingOf("Firefox on Windows")).toBeFocused();

    await page.getByRole("button", { name: "Close this message" }).press("Enter");
    await expect(page.getByText(`Signed out ${isolate("Safari on iOS")}.`)).toBeHidden();
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

    await expect(page.getByRole("status").getByText("Signed out 2 other sessions.")).toBeVisible();
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
    await expect(row).not.toContainText(/no longer works|Waiting/);
  });
});

test("a server that does not answer takes nothing away: it is said, and what was typed and the focus stay", async ({
  openSignedIn,
  complaints,
}) => {
  complaints.expect(UNREACHABLE);
  complaints.expect(/502|409/);
  await openSignedIn(SAFARI_ON_IPHONE);
  const { page, context } = await openSignedIn(CHROME_ON_MAC);
  await openLiveList(page);
  const message = page.getByRole("status").getByText("The server did not answer");
  const field = await openRename(page, "Chrome on macOS");
  await field.fill("Kitchen table");
  await context.setOffline(true);
  await page.keyboard.press("Enter");
  await expect(message).toBeVisible();
  await expect(field).toHaveValue("Kitchen table");
  await expect(field).toBeFocused();
  await context.setOffline(false);

  const button = page.getByRole("button", { name: "Sign out Safari on iOS" });
  const before = await button.boundingBox();
  const held = new Promise<Route>((resolve) => page.route("/sessions", resolve));
  await button.click();
  const pending = page.getByRole("button", { name: "Signing out…" });
  await expect(pending).toBeVisible();
  await expect(pending).toHaveCSS("opacity", "1");
  expect((await pending.boundingBox())?.width).toBe(before?.width);
  const first = await message.elementHandle();
  await (await held).fulfill({ status: 502, contentType: "text/html", body: "Bad gateway" });
  await expect(button).toBeFocused();
  await expect.poll(() => first?.evaluate((element) => element.isConnected)).toBe(false);
  await expect(message).toBeVisible();

  await page.unroute("/sessions");
  // What Next answers to an action of another build.
  const unknown = { status: 409, headers: { "x-nextjs-action-not-found": "1" } };
  await page.route("/sessions", (route) => route.fulfill(unknown));
  await button.click();
  await expect(page.getByText("This page is out of date. Reload it, then try again.")).toBeVisible();
  await page.unroute("/sessions");
  await button.click();
  await expect(page.getByText(`Signed out ${isolate("Safari on iOS")}.`)).toBeVisible();
});

test("a double click ends one session, even if the next one comes to lie under it in between", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 60 });
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 120 });
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await openLiveList(page);
  await page.getByRole("button", { name: "Sign out Safari on iOS" }).hover();
  await page.mouse.down();
  await page.mouse.up();
  await expect(card(page, "Safari on iOS")).toHaveCount(0);
  const next = page.getByRole("button", { name: "Sign out Firefox on Windows" });
  await expect.poll(() => next.evaluate((button) => button.matches(":hover"))).toBe(true);
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  await page.getByRole("button", { name: "Close this message" }).click();
  await expect(next).toBeVisible();
});

test("a session that ended in the meantime is not ended again", async ({ openSignedIn, db, complaints }) => {
  complaints.expect(UNREACHABLE);
  const { session } = await openSignedIn(SAFARI_ON_IPHONE);
  const { page, context } = await openSignedIn(CHROME_ON_MAC);
  await context.route("**/api/auth/events", (route) => route.abort());
  await page.goto("/sessions");
  await db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'logout' WHERE id = $1", [session.id]);
  await page.getByRole("button", { name: "Sign out Safari on iOS" }).click();
  await expect(page.getByText("That device was signed out already.")).toBeVisible();
  await expect(history(page).getByText("Logged out on the device itself")).toBeVisible();
});

test("a device that does not answer is said not to have been back", async ({ openSignedIn }) => {
  await openSignedIn(SAFARI_ON_IPHONE);
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await page.goto("/sessions");
  await page.getByRole("button", { name: "Sign out Safari on iOS" }).click();
  await expect(history(page).getByText("Waiting for the device…")).toBeVisible();
  await expect(history(page).getByText("The device has not been back to hear of it.")).toBeVisible();
});
