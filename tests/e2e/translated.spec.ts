import { isolate } from "@/app/_components/isolate";
import { browser } from "../support/http/client";
import { freshEmail, PASSWORD } from "../support/people/people";
import { place } from "../support/people/place";
import { REFUSED } from "./support/complaints";
import { device, openRename, signOutDevice, signOutOthers } from "./support/devices";
import { logIn, passwordField } from "./support/forms";
import { openLiveList } from "./support/settled";
import { addDevice } from "./support/sign-in";
import { expect, test } from "./support/test";
import { translatePages, waitForTranslation } from "./support/translation";
import { FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./support/user-agents";

// A page that the browser translates has other elements in it than React put there. It must go on all the same, and
// what it says must be the latest.

test.beforeEach(({ complaints }) => complaints.expect(REFUSED));

test("a translated page keeps its sign-in and sign-up forms after any refusal", async ({ open, person }) => {
  const { page, context } = await open();
  await translatePages(context);
  await page.goto("/login?next=%2Fdashboard");
  await waitForTranslation(page);
  const alert = page.getByRole("main").getByRole("alert").filter({ hasText: /./ });
  const submit = page.locator("main form button[type=submit]");
  await submit.click();
  await expect(alert).toHaveText("Fix the fields marked below.");
  await expect(passwordField(page)).toHaveAccessibleDescription("Enter your password.");
  for (const guess of ["the first wrong guess", "the second wrong guess"]) {
    await logIn(page, person.email, guess);
    await expect(alert).toHaveText("Incorrect email or password.");
    await expect(submit).toHaveAccessibleName("Sign in");
  }
  const toggle = page.getByRole("button", { name: /password/ });
  for (const words of ["Hide", "Show", "Hide", "Show"]) {
    await toggle.click();
    await expect(toggle).toHaveAccessibleName(`${words} password`);
  }

  await page.getByRole("link", { name: "Sign up" }).click();
  await expect(page).toHaveURL("/signup?next=%2Fdashboard");
  const create = page.locator("main form button[type=submit]");
  const password = passwordField(page);
  await page.getByLabel("Email").fill("marie.curie@example.com");
  for (const [typed, words] of [
    ["too short", /^Use 15 characters or more/],
    ["passwordpassword", /attackers try common ones/],
    ["marie.curie@example.com", /Don’t use your name or email/],
  ] as const) {
    await password.fill(typed);
    await create.click();
    await expect(page.locator("#password-error")).toHaveText(words);
    await expect(create).toHaveAccessibleName("Create account");
  }
  await page.getByLabel("Email").fill(person.email);
  await password.fill(`${PASSWORD} of another account`);
  await create.click();
  await expect(page).toHaveURL("/login?next=%2Fdashboard");
  await waitForTranslation(page);
  await expect(page.getByText("This email may already have an account")).toBeVisible();
  await page.goto("/signup");
  await waitForTranslation(page);
  await page.getByLabel("Email").fill(freshEmail());
  await password.fill(PASSWORD);
  await create.click();
  await expect(page).toHaveURL("/sessions");
});

test("a translated list of devices goes on living, and says what is true now", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 900, name: "The old one" });
  const { page, context } = await openSignedIn();
  await translatePages(context);
  await openLiveList(page);
  await waitForTranslation(page);
  const count = page.getByRole("heading", { name: /^Other devices/ });
  await expect(count).toHaveText("Other devices 1");
  const announcement = page.locator("main [aria-live=polite]").filter({ hasText: /./ });
  const message = page.getByRole("status").filter({ hasText: /./ });

  const client = browser(place());
  const form = { email: person.email, password: PASSWORD };
  await client.post("/api/auth/login", { form, headers: { "user-agent": SAFARI_ON_IPHONE.userAgent } });
  await expect(announcement).toHaveText("New sign-in: Safari on iOS, just now.");
  await expect(count).toHaveText("Other devices 2");
  await client.post("/api/auth/logout");
  await expect(announcement).toHaveText("Safari on iOS was signed out.");
  await expect(count).toHaveText("Other devices 1");
  await expect(device(page, "Safari on iOS")).toContainText("on the device itself");

  const name = await openRename(page, "The old one");
  const save = page.getByRole("dialog").locator("button[type=submit]");
  await name.fill("Bad\u0007");
  await save.click();
  await expect(name).toHaveAccessibleDescription(/A name cannot contain control characters\./);
  await name.fill("Kitchen");
  await save.click();
  await expect(message).toHaveText(`Renamed to ${isolate("Kitchen")}.`);

  // The receipt, the last use and the words of times change by themselves.
  await signOutDevice(page, "Kitchen");
  await expect(message).toHaveText(`Signed out ${isolate("Kitchen")}.`);
  const ended = device(page, "Kitchen");
  await expect(ended).toContainText("Waiting for the device to confirm…");
  await expect(ended).toContainText("The device hasn’t been online since.");
  await expect(ended).not.toContainText("Waiting for the device to confirm…");
  await db.query("UPDATE sessions SET confirmed_at = ended_at + interval '7 s' WHERE name = 'Kitchen'");
  await expect(ended).toContainText("Device confirmed after 7\u00a0s.");
  await expect(ended).not.toContainText("hasn’t been online");

  await addDevice(db, person, FIREFOX_ON_WINDOWS);
  await page.getByRole("button", { name: "Show 1 new device" }).click();
  await expect(count).toHaveText("Other devices 1");
  const firefox = device(page, FIREFOX_ON_WINDOWS.name);
  await expect(firefox).toContainText("Active now");
  await db.query(
    "UPDATE sessions SET last_seen_at = last_seen_at - interval '3 minutes' WHERE user_id = $1 AND browser = 'Firefox' AND ended_at IS NULL",
    [person.id],
  );
  await expect(firefox).toContainText("3 minutes ago");
  await expect(firefox).not.toContainText("Active now");
  await signOutOthers(page);
  await expect(message).toHaveText("Signed out 1 device.");
  await expect(count).toHaveText("Other devices 0");
});

test("a translated account lets its owner move about, change the password and leave", async ({
  openSignedIn,
  person,
  db,
}) => {
  const { page, context } = await openSignedIn();
  await translatePages(context);
  await page.goto("/dashboard");
  await waitForTranslation(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Hello, Ada Lovelace");
  await page.getByRole("link", { name: "Devices", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Devices");
  await page.getByRole("link", { name: "Security", exact: true }).click();

  const change = async (current: string, next: string) => {
    await passwordField(page, "Current password").fill(current);
    await passwordField(page, "New password").fill(next);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  const alert = page.getByRole("main").getByRole("alert").filter({ hasText: /./ });
  await change("not the password at all", "nineteen purple umbrellas");
  await expect(page.locator("#current-error")).toHaveText("Incorrect current password.");
  await expect(alert).toHaveText("Your password wasn’t changed.");
  await change(PASSWORD, "too short");
  await expect(page.locator("#next-error")).toHaveText(/^Use 15 characters or more/);
  await expect(page.locator("#current-error")).toHaveCount(0);
  const status = page.getByRole("status").filter({ hasText: /./ });
  await addDevice(db, person, SAFARI_ON_IPHONE);
  await change(PASSWORD, "nineteen purple umbrellas");
  await expect(status).toHaveText("Password changed. 1 other device was signed out.");
  await change("nineteen purple umbrellas", PASSWORD);
  await expect(status).toHaveText("Password changed.");

  await page.goto("/nowhere");
  await waitForTranslation(page);
  await page.getByRole("link", { name: "Go to the home page" }).click();
  await waitForTranslation(page);
  await expect(page.getByText("You’re signed in as Ada Lovelace.")).toBeVisible();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByText("You’re signed out.")).toBeVisible();
  await logIn(page, person.email);
  await expect(page).toHaveURL("/sessions");
});
