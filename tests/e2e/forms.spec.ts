import type { Page } from "@playwright/test";
import { REFUSED } from "./support/complaints";
import { logIn, passwordField } from "./support/forms";
import { openSettled } from "./support/settled";
import { expect, test } from "./support/test";

// What forms remember, forget, count and wait for.

const alertIn = (page: Page) => page.getByRole("main").getByRole("alert").filter({ hasText: /./ });

test("what was wrong leaves while it is sent again", async ({ open, openSignedIn, person, complaints }) => {
  complaints.expect(REFUSED);
  const hold = async (page: Page, path: string) => {
    let letThrough = () => {};
    const held = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    await page.route(path, async (route) => {
      if (route.request().method() === "POST") await held;
      await route.continue();
    });
    return () => letThrough();
  };

  const { page } = await open();
  await openSettled(page, "/login");
  await logIn(page, person.email, "not the password at all");
  await expect(alertIn(page)).toHaveText("Incorrect email or password.");
  let letThrough = await hold(page, "**/api/auth/login");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("button", { name: "Signing in…" })).toBeVisible();
  await expect(alertIn(page)).toHaveCount(0);
  letThrough();
  await expect(alertIn(page)).toHaveText("Incorrect email or password.");

  const { page: account } = await openSignedIn();
  await openSettled(account, "/security");
  await passwordField(account, "Current password").fill("not the password at all");
  await passwordField(account, "New password").fill("nineteen purple umbrellas");
  const change = account.getByRole("button", { name: "Change password", exact: true });
  await change.click();
  await expect(alertIn(account)).toHaveText("Your password wasn’t changed.");
  await expect(passwordField(account, "Current password")).toBeFocused();
  letThrough = await hold(account, "/security");
  await change.click();
  await expect(account.getByRole("button", { name: "Changing…" })).toBeVisible();
  await expect(alertIn(account)).toHaveCount(0);
  await expect(account.locator("#current-error")).toHaveCount(0);
  letThrough();
  await expect(account.locator("#current-error")).toHaveText("Incorrect current password.");
});

test("a wait counts down, the button waits along, and then it can be tried again", async ({
  open,
  person,
}) => {
  const { page } = await open();
  await page.clock.install();
  await openSettled(page, "/login?error=rate_limited&wait=30");
  const alert = page.getByRole("main").getByRole("alert");
  const shown = alert.locator("[aria-hidden=true]").last();
  const button = page.getByRole("button", { name: "Sign in", exact: true });
  await expect(shown).toHaveText("Too many attempts. Try again in 30 seconds.");
  await expect(button).toHaveAttribute("aria-disabled", "true");
  await page.getByLabel("Email").fill(person.email);
  await passwordField(page).fill(person.password);
  let posts = 0;
  page.on("request", (request) => {
    if (request.method() === "POST") posts += 1;
  });
  await page.keyboard.press("Enter");
  await button.click({ force: true });
  await page.clock.runFor(10_000);
  await expect(shown).toHaveText("Too many attempts. Try again in 20 seconds.");
  // It is announced once, and not with every second.
  await expect(alert.locator(".sr-only")).toHaveText("Too many attempts. Try again in 30 seconds.");
  expect(posts).toBe(0);
  await page.clock.runFor(21_000);
  await expect(alert).toHaveText("You can try again now.");
  await expect(button).not.toHaveAttribute("aria-disabled");
  await button.click();
  await expect(page).toHaveURL("/sessions");
});

test("the email goes along from form to form and is forgotten at sign-in; it never stands in an address", async ({
  open,
  person,
}) => {
  const { page } = await open();
  await openSettled(page, "/signup");
  await page.getByLabel("Email").fill(person.email);
  await page.getByRole("link", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/login");
  await expect(page.getByLabel("Email")).toHaveValue(person.email);
  expect(page.url()).not.toContain("example.com");
  await page.getByRole("link", { name: "Sign up" }).click();
  await expect(page).toHaveURL("/signup");
  await expect(page.getByLabel("Email")).toHaveValue(person.email);
  // The address has an account: the form leads to the other one, which knows it.
  await passwordField(page).fill("nineteen purple umbrellas");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL("/login?next=%2Fsessions");
  await expect(page.getByLabel("Email")).toHaveValue(person.email);
  await passwordField(page).fill(person.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL("/sessions");
  const stored = () => page.evaluate(() => JSON.stringify(sessionStorage));
  await expect.poll(stored).not.toContain("example.com");
});

test("somebody who was put out has only the password to type; somebody who signed out is not remembered", async ({
  openSignedIn,
  person,
  db,
  complaints,
}) => {
  complaints.expect(REFUSED);
  const { page, session } = await openSignedIn();
  const connected = page.waitForResponse("**/api/auth/events*");
  await page.goto("/dashboard");
  await connected;
  await db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1", [
    session.id,
  ]);
  await expect(page).toHaveURL("/login?next=%2Fdashboard");
  await expect(page.getByLabel("Email")).toHaveValue(person.email);
  await passwordField(page).fill(person.password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/dashboard");
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL("/login?signed_out=1");
  await expect(page.getByLabel("Email")).toHaveValue("");
});

test("a new password is counted calmly, and that it is long enough is announced once", async ({ open }) => {
  const { page } = await open();
  await openSettled(page, "/signup");
  const password = passwordField(page);
  await password.fill("seventeen 🔑");
  await expect(page.getByText("11 of 15 characters")).toBeVisible();
  await expect(page.getByText("Long enough.")).toHaveCount(0);
  const before = await password.boundingBox();
  await password.fill("seventeen green 🔑");
  await expect(page.getByText("17 characters", { exact: true })).toBeVisible();
  await expect(page.getByRole("status").getByText("Long enough.")).toHaveCount(1);
  expect(await password.boundingBox()).toEqual(before);
  await password.fill("");
  await expect(page.getByText(/characters$/)).toHaveCount(0);
});

test("the security page says what it is about, and leads to the devices", async ({
  openSignedIn,
  person,
}) => {
  const { page } = await openSignedIn();
  await openSignedIn();
  await openSettled(page, "/security");
  await expect(page.getByRole("region", { name: "Email" })).toContainText(person.email);
  await expect(page.getByRole("region", { name: "Devices" })).toContainText("2 devices are signed in.");
  await page.getByRole("link", { name: "Show devices" }).click();
  await expect(page).toHaveURL("/sessions");
});
