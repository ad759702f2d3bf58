import type { Page } from "@playwright/test";
import { PASSWORD } from "../support/people/people";
import { endByHand } from "./support/by-hand";
import { REFUSED, UNREACHABLE } from "./support/complaints";
import { signOutDevice } from "./support/devices";
import { passwordField, signOut } from "./support/forms";
import { watchForPages } from "./support/sightings";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, SAFARI_ON_IPHONE } from "./support/user-agents";

/** Goes through the three pages of an account without leaving the document. */
async function walk(page: Page): Promise<void> {
  await page.goto("/dashboard");
  const document = await page.evaluateHandle(() => window);
  await page.getByRole("link", { name: "Devices", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Devices", exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Security" }).click();
  await expect(page.getByRole("heading", { name: "Security" })).toBeVisible();
  expect(await document.evaluate((before) => before === window)).toBe(true);
}

async function goBackThrough(page: Page, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await page.goBack();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  }
  await page.goForward();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

test("after a log-out, Back shows no page of the account", async ({ openSignedIn }) => {
  const { page, context } = await openSignedIn();
  const seen = await watchForPages(context);
  await walk(page);
  // What is painted is told a frame later.
  await expect.poll(() => seen).toEqual(["/dashboard", "/sessions", "/security"]);
  await signOut(page);
  await expect(page).toHaveURL("/login?signed_out=1");

  seen.splice(0);
  await goBackThrough(page, 3);
  expect(seen).toEqual([]);
});

test("after an end from another device, Back shows no page of the account", async ({ openSignedIn }) => {
  const laptop = await openSignedIn(CHROME_ON_MAC);
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  const seen = await watchForPages(phone.context);
  await walk(phone.page);
  await laptop.page.goto("/sessions");
  await signOutDevice(laptop.page, "Safari on iOS");
  await expect(phone.page).toHaveURL("/login?next=%2Fsecurity");

  seen.splice(0);
  await goBackThrough(phone.page, 2);
  expect(seen).toEqual([]);
});

test("a tab that no news reaches shows no page out of the router's cache", async ({
  openSignedIn,
  db,
  complaints,
}) => {
  complaints.expect(UNREACHABLE);
  complaints.expect(REFUSED);
  const { page, context, session } = await openSignedIn();
  await context.route("**/api/auth/events*", (route) => route.abort());
  const seen = await watchForPages(context);
  await walk(page);
  await endByHand(db, session);

  seen.splice(0);
  await page.evaluate(() => history.back());
  await expect(page).toHaveURL("/login?next=%2Fsessions");
  await expect(page.getByText("its sign-in was reported")).toBeVisible();
  await goBackThrough(page, 1);
  expect(seen).toEqual([]);
});

const CLICKS = {
  "on a link": {
    from: "Security",
    click: (page: Page) => page.getByRole("link", { name: "Overview" }).click(),
  },
  "that ends a session": {
    from: "Devices",
    click: (page: Page) => signOutDevice(page, "Safari on iOS"),
  },
  "that changes the password": {
    from: "Security",
    click: async (page: Page) => {
      await passwordField(page, "Current password").fill(PASSWORD);
      await page.getByRole("button", { name: "Change password" }).click();
    },
  },
};

for (const [which, { from, click }] of Object.entries(CLICKS)) {
  test(`a tab that no news reaches is out at its next click, one ${which}, and Back shows nothing`, async ({
    openSignedIn,
    db,
    complaints,
  }) => {
    complaints.expect(UNREACHABLE);
    complaints.expect(REFUSED);
    await openSignedIn(SAFARI_ON_IPHONE);
    const { page, context, session } = await openSignedIn();
    await context.route("**/api/auth/events*", (route) => route.abort());
    const seen = await watchForPages(context);
    await walk(page);
    await page.getByRole("navigation").getByRole("link", { name: from }).click();
    await expect(page.locator("h1")).toContainText(from, { ignoreCase: true });
    await endByHand(db, session);

    await click(page);
    await expect(page).toHaveURL(/\/login\?next=/);
    await expect(page.getByText("its sign-in was reported")).toBeVisible();
    seen.splice(0);
    await goBackThrough(page, 2);
    expect(seen).toEqual([]);
  });
}

test("while the server cannot be asked, Back shows nothing; once it says that the session lives, the page", async ({
  openSignedIn,
  complaints,
}) => {
  complaints.expect(UNREACHABLE);
  const { page, context } = await openSignedIn();
  await context.route("**/api/auth/events*", (route) => route.abort());
  await walk(page);
  await context.route("**/api/auth/verify", (route) => route.abort());
  const asked = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/verify"));
  await page.evaluate(() => history.back());
  await asked;
  await expect(page).toHaveURL("/sessions");
  await expect(page.getByRole("heading")).toHaveCount(0);
  await context.unroute("**/api/auth/verify");
  await expect(page.getByRole("heading", { name: "Devices", exact: true })).toBeVisible();
});
