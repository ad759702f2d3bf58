import { freshEmail, PASSWORD } from "../support/people/people";
import { UNREACHABLE } from "./support/complaints";
import { device } from "./support/devices";
import { logIn, passwordField } from "./support/forms";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, SAFARI_ON_IPHONE } from "./support/user-agents";

const NEXT = "nineteen purple umbrellas";

test("a new password puts every other device out, and leaves this one as it is", async ({
  openSignedIn,
  open,
  person,
  complaints,
}) => {
  complaints.expect(/401/);
  complaints.expect(UNREACHABLE);
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  const laptop = await openSignedIn(CHROME_ON_MAC);
  const { page } = laptop;
  const secondTab = await laptop.context.newPage();
  await phone.page.goto("/dashboard");
  await secondTab.goto("/sessions");
  // Behind another tab it would be drawn, and can be clicked, once a second.
  await page.bringToFront();
  await page.goto("/security");
  const cookie = async () => (await laptop.context.cookies()).find(({ name }) => name === "session")?.value;
  const before = await cookie();
  const [current, next] = [passwordField(page, "Current password"), passwordField(page, "New password")];
  const submit = page.getByRole("button", { name: "Change password" });

  // There before anything is said in it, or nothing would be announced.
  await expect(page.locator("form").getByRole("status").first()).toHaveText("");
  await submit.click();
  await expect(current).toHaveAccessibleDescription("Enter your current password.");
  await expect(current).toBeFocused();

  await current.fill("not the password at all");
  await next.fill(NEXT);
  await submit.click();
  await expect(current).toHaveAccessibleDescription("Incorrect current password.");
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toHaveText("Your password wasn’t changed.");

  await current.fill(PASSWORD);
  await next.fill("Ada Lovelace and more");
  await submit.click();
  await expect(next).toHaveAccessibleDescription(/Don’t use your name or email/);
  await expect(next).toBeFocused();
  expect(await cookie()).toBe(before);

  await current.fill(PASSWORD);
  await next.fill(NEXT);
  await page.route("/security", (route) => route.abort());
  await submit.click();
  await expect(page.getByRole("alert").getByText("We couldn’t reach the server")).toBeVisible();
  await expect(submit).toBeFocused();
  await expect(next).toHaveValue(NEXT);
  await page.unroute("/security");
  await submit.click();
  const done = page
    .getByRole("status")
    .filter({ hasText: "Password changed. 1 other device was signed out." });
  await expect(done).toBeVisible();
  await expect(phone.page.getByText("because the password was changed on Chrome on macOS")).toBeVisible();
  expect(await cookie()).not.toBe(before);

  await expect(device(secondTab, "Chrome on macOS")).toBeVisible();
  await expect(device(secondTab, "Safari on iOS")).toContainText("Device confirmed after");
  await secondTab.reload();
  await expect(device(secondTab, "Chrome on macOS")).toContainText("This device");

  const { page: later } = await open();
  await later.goto("/login");
  await logIn(later, person.email, PASSWORD);
  await expect(later.getByText("Incorrect email or password.")).toBeVisible();
  await logIn(later, person.email, NEXT);
  await expect(later).toHaveURL("/sessions");
});

test("the cookie from before the change opens nothing any more", async ({ openSignedIn, open }) => {
  const { page, context } = await openSignedIn(CHROME_ON_MAC);
  const stolen = await context.cookies();
  await page.goto("/security");
  await passwordField(page, "Current password").fill(PASSWORD);
  await passwordField(page, "New password").fill(NEXT);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Password changed.")).toBeVisible();

  const thief = await open(SAFARI_ON_IPHONE);
  await thief.context.addCookies(stolen);
  await thief.page.goto("/sessions");
  await expect(thief.page).toHaveURL("/login?next=%2Fsessions");
  await expect(thief.page.getByText("Sign in to continue.")).toBeVisible();
  await page.reload();
  await expect(page).toHaveURL("/security");
});

test("a password manager finds what it needs in every form", async ({ open, openSignedIn, person }) => {
  const { page } = await openSignedIn();
  await page.goto("/security");
  const hints = () =>
    page
      .locator("main input[autocomplete]")
      .evaluateAll((inputs) =>
        inputs.map((input) => [input.getAttribute("autocomplete"), (input as HTMLInputElement).value]),
      );
  expect(await hints()).toEqual([
    ["username", person.email],
    ["current-password", ""],
    ["new-password", ""],
  ]);
  const stranger = await open();
  await stranger.page.goto("/login");
  await expect(stranger.page.getByLabel("Email")).toHaveAttribute("autocomplete", "username");
  await expect(passwordField(stranger.page)).toHaveAttribute("autocomplete", "current-password");
  await stranger.page.goto("/signup");
  await stranger.page.getByLabel("Email").fill(freshEmail());
  await expect(passwordField(stranger.page)).toHaveAttribute("autocomplete", "new-password");
});
