import { PASSWORD } from "../support/people/people";
import { expectAccessible } from "./support/axe";
import { REFUSED } from "./support/complaints";
import { confirm, device, devices, signOutButton } from "./support/devices";
import { logIn, openAccountMenu, passwordField } from "./support/forms";
import { addHousehold } from "./support/household";
import { openSettled } from "./support/settled";
import { addDevice } from "./support/sign-in";
import { carry, expect, test } from "./support/test";
import { CHROME_ON_MAC } from "./support/user-agents";

test("the pages for everybody", async ({ open }) => {
  const { page } = await open();
  for (const path of ["/", "/login", "/login?next=%2Fsecurity", "/login?signed_out=1", "/signup"]) {
    await openSettled(page, path);
    await expectAccessible(page, path);
  }
});

test("the forms for everybody, with what is wrong in them", async ({ open, person, complaints }) => {
  complaints.expect(REFUSED);
  const { page } = await open();
  await openSettled(page, "/signup");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(passwordField(page)).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page, "/signup, refused");
  await openSettled(page, "/login");
  await logIn(page, person.email, "not the password at all");
  await expect(page.getByText("Incorrect email or password")).toBeVisible();
  await expectAccessible(page, "/login, refused");
  await openSettled(page, "/login?error=rate_limited&wait=900");
  await expect(page.getByText("Too many attempts. Try again in 15 minutes.").last()).toBeVisible();
  await expectAccessible(page, "/login, too many attempts");
  await page.goto("/login?error=rate_limited&wait=999999999");
  await expect(page.getByText("Too many attempts. Wait a little, then try again.")).toBeVisible();
});

const REASONS = {
  logout: "You signed out in this browser",
  ended_from_another_device: "This device was signed out from Work",
  logout_others: "This device and all others were signed out from Work",
  logout_all: "You were signed out everywhere, from Work",
  password_changed: "because the password was changed on Work",
  idle: "after a long time without use",
  expired: "reached its maximum length",
  replaced: "A newer sign-in replaced this one",
  account_disabled: "the account was disabled",
  reported: "its sign-in was reported",
  ended_by_administrator: "signed out by an administrator",
  password_reset: "because the password was reset",
};

test("the login page says why a session ended, for every reason", async ({ open, person, db }) => {
  const work = await addDevice(db, person, CHROME_ON_MAC, { name: "Work" });
  const { page, context } = await open();
  for (const [reason, words] of Object.entries(REASONS)) {
    const ended = await addDevice(db, person, CHROME_ON_MAC, { endedAgo: 0, reason });
    await db.query("UPDATE sessions SET ended_by_id = $2 WHERE id = $1", [ended.id, work.id]);
    await carry(context, ended);
    await openSettled(page, "/login");
    await expect(page.getByText(words)).toBeVisible();
    // It stands there from the beginning: to announce it whenever its time ticks on would only disturb.
    await expect(page.getByRole("status")).toHaveCount(0);
    const warning = page.getByText("If that wasn’t you, sign in and change your password.");
    const isForeign = ["ended_from", "logout_", "password", "reported"].some((each) =>
      reason.startsWith(each),
    );
    await expect(warning).toHaveCount(isForeign ? 1 : 0);
    if (reason === "idle" || reason === "logout_others") await expectAccessible(page, reason);
  }
});

test("the devices, their menu, their dialogs, and what becomes of them", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addHousehold(db, person);
  const { page } = await openSignedIn(CHROME_ON_MAC, { startedAgo: 300 });
  await openSettled(page, "/sessions");
  await expect(devices(page)).toHaveCount(4);
  await expect(page.getByText("New sign-in: Firefox on Windows")).toBeVisible();
  await expectAccessible(page, "/sessions");

  await page.getByRole("button", { name: "More for Work", exact: true }).click();
  await expectAccessible(page, "the menu of a device");
  await page.getByRole("button", { name: "Details" }).click();
  await expectAccessible(page, "the details of a device");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("\u0007");
  await page.keyboard.press("Enter");
  await expect(page.getByText("A name cannot contain control characters.")).toBeVisible();
  await expectAccessible(page, "a name refused");
  await page.keyboard.press("Escape");

  await signOutButton(page, "Work").click();
  await expectAccessible(page, "the question before an end");
  await confirm(page);
  await expect(device(page, "Work")).toContainText("Waiting for the device to confirm…");
  await expectAccessible(page, "after an end");
  await page.getByRole("link", { name: "API", exact: true }).click();
  await expect(page.getByText("No device matches.")).toBeVisible();
  await expectAccessible(page, "nothing that passes the filter");
});

test("the pages beside the devices", async ({ openSignedIn, person, db }) => {
  const { page, session } = await openSignedIn();
  await openSettled(page, "/sessions");
  await expectAccessible(page, "no other device");
  await openSettled(page, "/sessions/history");
  await expectAccessible(page, "no history");
  await addHousehold(db, person);
  for (const path of ["/sessions/history", `/sessions/${session.id}`, "/sessions/sign-out?which=others"]) {
    await openSettled(page, path);
    await expectAccessible(page, path);
  }
});

test("the other pages of an account", async ({ openSignedIn, complaints }) => {
  complaints.expect(REFUSED);
  const { page } = await openSignedIn();
  for (const path of ["/dashboard", "/", "/nowhere", "/security"]) {
    await openSettled(page, path);
    await expectAccessible(page, path);
  }
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password wasn’t changed.")).toBeVisible();
  await expectAccessible(page, "/security, refused");
  await passwordField(page, "Current password").fill(PASSWORD);
  await passwordField(page, "New password").fill("nineteen purple umbrellas");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Password changed.")).toBeVisible();
  await expectAccessible(page, "/security, changed");
});

test("the page that says that something went wrong", async ({ openSignedIn, complaints }) => {
  // What React throws for the part of a page that the server could not render.
  complaints.expect(/React error #441/);
  const { page } = await openSignedIn();
  await openSettled(page, "/dashboard");
  // As if the server had failed to render the page: its part of the answer tells of an error instead.
  await page.route("/sessions?_rsc=*", async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    await route.fulfill({
      response,
      body: body.replace(/^(\w+):.*"isSliding".*$/m, '$1:E{"digest":"4242"}'),
    });
  });
  await page.getByRole("link", { name: "Devices", exact: true }).click();
  const heading = page.getByRole("heading", { name: "Something went wrong" });
  await expect(heading).toBeFocused();
  await expect(page.getByText("Reference: 4242")).toBeVisible();
  await expectAccessible(page, "the error page");
  await openAccountMenu(page);
  await expect(page.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
  await page.keyboard.press("Escape");

  const again = page.getByRole("button", { name: "Try again" });
  await again.click();
  await expect(heading).toBeFocused();
  await page.unroute("/sessions?_rsc=*");
  await again.click();
  await expect(page.getByRole("heading", { name: "Devices", exact: true })).toBeVisible();
});
