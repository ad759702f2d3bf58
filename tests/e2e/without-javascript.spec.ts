import type { Page } from "@playwright/test";
import { isolate } from "@/app/_components/isolate";
import { freshEmail, PASSWORD } from "../support/people/people";
import { byHand } from "./support/by-hand";
import { REFUSED } from "./support/complaints";
import { card, history, logIn, openRename, passwordField, signOut } from "./support/forms";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./support/user-agents";

// Everything that can be done, in a browser that runs no script.

const PLAIN = { javaScriptEnabled: false };

async function expectNowhere(page: Page, secret: string): Promise<void> {
  expect(await page.content()).not.toContain(secret);
  expect(page.url()).not.toContain(encodeURIComponent(secret));
}

test("signing up: what is wrong is said at the field, and what was typed is kept, but for the password", async ({
  open,
}) => {
  const { page } = await open(CHROME_ON_MAC, PLAIN);
  await page.goto("/signup?next=%2Fsecurity");
  await page.getByLabel("Name (optional)").fill("Grace");
  await page.getByLabel("Email").fill("grace");
  await passwordField(page).fill(PASSWORD);
  await page.getByRole("button", { name: "Create the account" }).click();

  await expect(page.getByRole("alert").getByText("Check what is marked below.")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveAccessibleDescription(
    "Enter an email address such as ada@example.com.",
  );
  await expect(page.getByLabel("Name (optional)")).toHaveValue("Grace");
  await expect(page.getByLabel("Email")).toHaveValue("grace");
  await expect(passwordField(page)).toHaveValue("");
  await expectNowhere(page, PASSWORD);

  const email = freshEmail();
  await page.getByLabel("Email").fill(email);
  await passwordField(page).fill("too short");
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(passwordField(page)).toHaveAccessibleDescription(/Use 15 characters or more/);
  await expect(page.getByLabel("Email")).toHaveValue(email);
  await expectNowhere(page, "too short");

  await passwordField(page).fill(PASSWORD);
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page).toHaveURL("/security");

  await signOut(page);
  await page.goto("/signup");
  await page.getByLabel("Email").fill(email);
  await passwordField(page).fill(`${PASSWORD} once more`);
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page).toHaveURL("/login?next=%2Fsessions");
  await expect(page.getByText("that address has an account already")).toBeVisible();
});

test("signing in: a wrong password is refused, the right one leads to where somebody wanted to go", async ({
  open,
  person,
  complaints,
}) => {
  complaints.expect(REFUSED);
  const { page } = await open(CHROME_ON_MAC, PLAIN);
  await page.goto("/security");
  await expect(page.getByText("Sign in to continue.")).toBeVisible();
  await expect(page.getByText("has an account already")).toHaveCount(0);
  await page.getByLabel("Keep me signed in").check();
  await logIn(page, person.email, "not the password at all");
  const alert = page.getByRole("alert");
  await expect(alert.getByText("That email address and password do not belong together.")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue(person.email);
  await expect(page.getByLabel("Keep me signed in")).toBeChecked();
  await expect(passwordField(page)).toHaveValue("");
  await expectNowhere(page, "not the password at all");

  await logIn(page, person.email);
  await expect(page).toHaveURL("/security");
  await signOut(page);
  await expect(page).toHaveURL("/login?signed_out=1");
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("naming and ending sessions", async ({ openSignedIn, open, person }) => {
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  await openSignedIn(FIREFOX_ON_WINDOWS, { startedAgo: 600 });
  await openSignedIn(FIREFOX_ON_WINDOWS, { startedAgo: 900, name: "The old one" });
  await phone.page.goto("/dashboard");
  const { page } = await openSignedIn(CHROME_ON_MAC, PLAIN);
  await page.goto("/sessions");
  await expect(page.getByRole("article")).toHaveCount(4);

  await (await openRename(page, "Chrome on macOS")).fill("Desk\u0007");
  await card(page, "Chrome on macOS").getByRole("button", { name: "Save the name" }).click();
  const field = card(page, "Chrome on macOS").getByLabel("Name");
  await expect(field).toHaveAccessibleDescription(/A name cannot contain control characters\./);
  await expect(field).toHaveValue("Desk\u0007");
  await field.fill("  Desk  ");
  await card(page, "Chrome on macOS").getByRole("button", { name: "Save the name" }).click();
  await expect(page.getByText(`It is called ${isolate("Desk")} now.`)).toBeVisible();
  await expect(card(page, "Desk")).toContainText("This device");

  await page.getByRole("button", { name: "Sign out The old one" }).click();
  await expect(page.getByText(`Signed out ${isolate("The old one")}.`)).toBeVisible();
  await expect(history(page).getByText("Signed out from Desk")).toBeVisible();

  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  await expect(page.getByText("Signed out 2 other sessions.")).toBeVisible();
  await expect(page.getByRole("article")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Sign out all other devices" })).toHaveCount(0);
  await expect(phone.page.getByText("This device and all others were signed out from Desk")).toBeVisible();

  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page).toHaveURL("/login?signed_out=1");
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await page.goto("/sessions");
  await expect(page).toHaveURL("/login?next=%2Fsessions");
  const later = await open(CHROME_ON_MAC, PLAIN);
  await later.page.goto("/login");
  await logIn(later.page, person.email);
  await expect(history(later.page).getByText("Signed out everywhere, from Desk")).toBeVisible();
});

const ENDS = {
  "that was ended": "UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1",
  "that nobody knows to be over":
    "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1",
};

for (const [which, end] of Object.entries(ENDS)) {
  test(`a form of a session ${which} leads to the login page, and nothing in it goes along`, async ({
    openSignedIn,
    db,
  }) => {
    const { page, session } = await openSignedIn(CHROME_ON_MAC, { ...PLAIN, startedAgo: 60 });
    await page.goto("/security");
    await passwordField(page, "Current password").fill(PASSWORD);
    await byHand(db, end, [session.id]);
    const login = page.waitForRequest(/\/login/);
    await page.getByRole("button", { name: "Change the password" }).click();
    expect((await login).method()).toBe("GET");
    await expect(page).toHaveURL("/login?next=%2Fsecurity");
    await expect(page.getByText(/its sign-in was reported|had lasted as long as one may/)).toBeVisible();
  });
}

test("changing the password", async ({ openSignedIn, person }) => {
  const other = await openSignedIn(SAFARI_ON_IPHONE);
  await other.page.goto("/dashboard");
  const { page } = await openSignedIn(CHROME_ON_MAC, PLAIN);
  await page.goto("/security");
  const next = "nineteen purple umbrellas";
  const change = async (current: string, wanted: string) => {
    await passwordField(page, "Current password").fill(current);
    await passwordField(page, "New password").fill(wanted);
    await page.getByRole("button", { name: "Change the password" }).click();
  };

  await change("not the password at all", next);
  await expect(passwordField(page, "Current password")).toHaveAccessibleDescription(
    "This is not your current password.",
  );
  await change(PASSWORD, "too short");
  await expect(passwordField(page, "New password")).toHaveAccessibleDescription(/Use 15 characters or more/);
  await expectNowhere(page, "too short");
  await expectNowhere(page, PASSWORD);

  await change(PASSWORD, next);
  await expect(page.getByText("Your password is changed, and 1 other session is signed out.")).toBeVisible();
  await expectNowhere(page, next);
  await expect(other.page.getByText("because the password was changed on Chrome on macOS")).toBeVisible();

  await page.getByRole("link", { name: "Sessions", exact: true }).click();
  await expect(card(page, "Chrome on macOS")).toContainText("This device");
  await signOut(page);
  await logIn(page, person.email, next);
  await expect(page).toHaveURL("/sessions");
});
