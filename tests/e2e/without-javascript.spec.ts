import type { Page } from "@playwright/test";
import { isolate } from "@/app/_components/isolate";
import { freshEmail, PASSWORD } from "../support/people/people";
import { byHand } from "./support/by-hand";
import { REFUSED } from "./support/complaints";
import { askEverywhere, device, devices, names, openHistory, signOutButton } from "./support/devices";
import { logIn, passwordField, signOut } from "./support/forms";
import { addDevice } from "./support/sign-in";
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
  await page.getByRole("button", { name: "Create account" }).click();

  await expect(page.getByRole("alert").getByText("Fix the fields marked below.")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveAccessibleDescription(
    "Enter an email address, like ada@example.com.",
  );
  await expect(page.getByLabel("Name (optional)")).toHaveValue("Grace");
  await expect(page.getByLabel("Email")).toHaveValue("grace");
  await expect(passwordField(page)).toHaveValue("");
  await expectNowhere(page, PASSWORD);

  const email = freshEmail();
  await page.getByLabel("Email").fill(email);
  await passwordField(page).fill("too short");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(passwordField(page)).toHaveAccessibleDescription(/Use 15 characters or more/);
  await expect(page.getByLabel("Email")).toHaveValue(email);
  await expectNowhere(page, "too short");

  await passwordField(page).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL("/security");

  await signOut(page);
  await page.goto("/signup");
  await page.getByLabel("Email").fill(email);
  await passwordField(page).fill(`${PASSWORD} once more`);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL("/login?next=%2Fsessions");
  await expect(page.getByText("This email may already have an account")).toBeVisible();
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
  await expect(page.getByText("may already have an account")).toHaveCount(0);
  await page.getByLabel("Keep me signed in").check();
  await logIn(page, person.email, "not the password at all");
  const alert = page.getByRole("alert");
  await expect(alert.getByText("Incorrect email or password.")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue(person.email);
  await expect(page.getByLabel("Keep me signed in")).toBeChecked();
  await expect(passwordField(page)).toHaveValue("");
  await expectNowhere(page, "not the password at all");

  await logIn(page, person.email);
  await expect(page).toHaveURL("/security");
  await signOut(page);
  await expect(page).toHaveURL("/login?signed_out=1");
  await expect(page.getByText("You’re signed out.")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("naming and ending sessions: each asks on a page of its own, and leads back to the list", async ({
  openSignedIn,
  open,
  person,
}) => {
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  await openSignedIn(FIREFOX_ON_WINDOWS, { startedAgo: 600 });
  await openSignedIn(FIREFOX_ON_WINDOWS, { startedAgo: 900, name: "The old one" });
  await phone.page.goto("/dashboard");
  const { page } = await openSignedIn(CHROME_ON_MAC, PLAIN);
  await page.goto("/sessions");
  await expect(devices(page)).toHaveCount(4);

  await device(page, "Chrome on macOS").getByRole("link").click();
  await page.getByLabel("Name", { exact: true }).fill("Desk\u0007");
  await page.getByRole("button", { name: "Save" }).click();
  const field = page.getByLabel("Name", { exact: true });
  await expect(field).toHaveAccessibleDescription(/A name cannot contain control characters\./);
  await expect(field).toHaveValue("Desk\u0007");
  await field.fill("  Desk  ");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").getByText(`Renamed to ${isolate("Desk")}.`)).toBeVisible();
  await expect(device(page, "Desk")).toContainText("This device");

  await signOutButton(page, "The old one").click();
  await expect(page.getByRole("heading", { name: "Sign out The old one?" })).toBeVisible();
  await expect(page.getByText("It loses access immediately. This can’t be undone.")).toBeVisible();
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(devices(page)).toHaveCount(4);
  await signOutButton(page, "The old one").click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("status").getByText(`Signed out ${isolate("The old one")}.`)).toBeVisible();
  await expect(devices(page)).toHaveCount(3);
  await page.getByRole("link", { name: "Signed out in the last 90 days" }).click();
  await expect(page.getByRole("list", { name: "Signed-out devices" })).toContainText(
    /Signed out (just now|\d+ seconds ago) from Desk\./,
    { useInnerText: true },
  );
  await page.getByRole("main").getByRole("link", { name: "Devices" }).click();

  await page.getByRole("button", { name: "Sign out all others…" }).click();
  await expect(page.getByText("2 devices lose access immediately. You stay signed in here.")).toBeVisible();
  await page.getByRole("button", { name: "Sign out all others" }).click();
  await expect(page.getByText("Signed out 2 devices.")).toBeVisible();
  await expect(devices(page)).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Sign out all others…" })).toHaveCount(0);
  await expect(phone.page.getByText("This device and all others were signed out from Desk")).toBeVisible();

  await askEverywhere(page);
  await expect(page.getByText("This device is signed out. You’ll need your password")).toBeVisible();
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page).toHaveURL("/login?signed_out=everywhere");
  await expect(page.getByText("You’re signed out everywhere.")).toBeVisible();
  await page.goto("/sessions");
  await expect(page).toHaveURL("/login?next=%2Fsessions");
  const later = await open(CHROME_ON_MAC, PLAIN);
  await later.page.goto("/login");
  await logIn(later.page, person.email);
  await expect(
    (await openHistory(later.page)).filter({ hasText: "“Sign out everywhere” on Desk" }),
  ).toHaveCount(1);
});

test("the list is filtered and searched by its address", async ({ openSignedIn, person, db }) => {
  for (let count = 1; count <= 20; count += 1)
    await addDevice(db, person, SAFARI_ON_IPHONE, { name: `Phone ${count}` });
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { name: "Nightly report", kind: "api" });
  const { page } = await openSignedIn(CHROME_ON_MAC, PLAIN);
  await page.goto("/sessions");
  await expect(devices(page)).toHaveCount(22);
  await page.getByRole("searchbox", { name: "Search devices" }).fill("phone 20");
  await page.keyboard.press("Enter");
  await page.waitForURL("/sessions?words=phone+20");
  expect(await names(page)).toEqual(["Phone 20"]);
  await page.getByRole("link", { name: "API", exact: true }).click();
  await expect(page.getByText("No device matches.")).toBeVisible();
  await page.goto("/sessions?kind=api");
  await expect(devices(page)).toHaveCount(2);
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
    await page.getByRole("button", { name: "Change password" }).click();
    expect((await login).method()).toBe("GET");
    await expect(page).toHaveURL("/login?next=%2Fsecurity");
    await expect(page.getByText(/its sign-in was reported|reached its maximum length/)).toBeVisible();
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
    await page.getByRole("button", { name: "Change password" }).click();
  };

  await change("not the password at all", next);
  await expect(passwordField(page, "Current password")).toHaveAccessibleDescription(
    "Incorrect current password.",
  );
  await change(PASSWORD, "too short");
  await expect(passwordField(page, "New password")).toHaveAccessibleDescription(/Use 15 characters or more/);
  await expectNowhere(page, "too short");
  await expectNowhere(page, PASSWORD);

  await change(PASSWORD, next);
  await expect(page.getByText("Password changed. 1 other device was signed out.")).toBeVisible();
  await expectNowhere(page, next);
  await expect(other.page.getByText("because the password was changed on Chrome on macOS")).toBeVisible();

  await page.getByRole("link", { name: "Devices", exact: true }).click();
  await expect(device(page, "Chrome on macOS")).toContainText("This device");
  await signOut(page);
  await logIn(page, person.email, next);
  await expect(page).toHaveURL("/sessions");
});
