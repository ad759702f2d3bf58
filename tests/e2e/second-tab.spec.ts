import type { Page } from "@playwright/test";
import { browser } from "../support/http/client";
import { addPerson, PASSWORD, type Person, type Row } from "../support/people/people";
import { place } from "../support/people/place";
import { freshSecret } from "../support/people/tokens";
import { logIn } from "./support/forms";
import { cookieOf } from "./support/sign-in";
import { carry, expect, test } from "./support/test";

// News of a sign-in may reach the other tabs of a browser before its answer brings the new cookie. Here the answer goes to a
// client of the test, and the browser gets the cookie when the test says so.

/** Signs in with the cookies of a browser that holds `session`; gives the cookie that the browser is to get. */
async function signInBeside(session: Row, { email }: Person): Promise<string> {
  const client = browser(place(), { session: await cookieOf(session) });
  await client.post("/api/auth/login", { form: { email, password: PASSWORD } });
  return client.cookies.get("session") ?? "";
}

/** The pages that a tab gets to. */
function pathsOf(page: Page): Set<string> {
  const paths = new Set<string>();
  page.on("framenavigated", (frame) => paths.add(new URL(frame.url()).pathname));
  return paths;
}

/** Resolves when a tab has been told that the session of its cookie has ended. */
const isTold = (page: Page) =>
  page.waitForResponse((response) => response.url().endsWith("/verify") && response.status() === 401);

test("a sign-in in another tab brings the open tabs along, however late its cookie comes", async ({
  openSignedIn,
  person,
}) => {
  const { page: holder, context, session } = await openSignedIn();
  const follower = await context.newPage();
  await holder.goto("/sessions");
  await follower.goto("/dashboard");
  await expect(holder.getByText("This device", { exact: true })).toBeVisible();
  const paths = [pathsOf(holder), pathsOf(follower)];

  const told = Promise.all([isTold(holder), isTold(follower)]);
  const value = await signInBeside(session, person);
  await told;
  await expect(holder.getByRole("heading", { name: "Devices", exact: true })).toBeHidden();
  await expect(follower.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeHidden();
  await context.addCookies([
    { name: "session", value, url: place().origin, httpOnly: true, sameSite: "Lax" },
  ]);

  await expect(holder.getByRole("heading", { name: "Devices", exact: true })).toBeVisible();
  await expect(holder.getByText("This device", { exact: true })).toBeVisible();
  await expect(follower.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
  expect(paths).toEqual([new Set(["/sessions"]), new Set(["/dashboard"])]);
});

test("a sign-in of somebody else in another tab leaves nothing of the first one in sight", async ({
  openSignedIn,
  db,
}) => {
  const grace = await addPerson(db, { name: "Grace Hopper" });
  const { page, context, session } = await openSignedIn();
  await page.goto("/dashboard");
  const told = isTold(page);
  const value = await signInBeside(session, grace);
  await told;
  await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeHidden();
  await context.addCookies([
    { name: "session", value, url: place().origin, httpOnly: true, sameSite: "Lax" },
  ]);
  await expect(page.getByRole("heading", { name: "Hello, Grace Hopper" })).toBeVisible();
  await expect(page.getByText("Ada Lovelace")).toHaveCount(0);
});

test("a session that a sign-in has replaced is left for the login page, which says why, when no new one comes", async ({
  openSignedIn,
  person,
}) => {
  const { page, session } = await openSignedIn();
  await page.goto("/security");
  await expect(page.getByRole("heading", { name: "Security" })).toBeVisible();
  await signInBeside(session, person);
  await expect(page).toHaveURL("/login?next=%2Fsecurity");
  await expect(page.getByText("A newer sign-in replaced this one")).toBeVisible();
});

test("an old sign-in form in a second tab brings the first one along", async ({ open, person }) => {
  const { page: old, context } = await open();
  await old.goto("/login");
  const first = await context.newPage();
  await first.goto("/login?next=%2Fdashboard");
  const connected = first.waitForResponse("**/api/auth/events*");
  await logIn(first, person.email);
  await connected;
  const paths = pathsOf(first);
  await old.getByLabel("Keep me signed in").check();
  const loaded = first.waitForEvent("domcontentloaded");
  await logIn(old, person.email);
  await expect(old).toHaveURL("/sessions");
  await loaded;
  await expect(first.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
  expect(paths).toEqual(new Set(["/dashboard"]));
});

test("a tab that asks in the middle of a password change in another tab stays where it is", async ({
  openSignedIn,
  complaints,
}) => {
  complaints.expect(/Failed to load resource/);
  const { page, context, session } = await openSignedIn();
  await context.route("**/api/auth/events*", (route) => route.abort());
  await page.clock.install();
  await page.goto("/dashboard");
  // The secret of the old token is none of the session's any more.
  await carry(context, { ...session, secret: freshSecret() });
  await page.clock.fastForward(6_000);
  const told = isTold(page);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await told;
  const settled = page.waitForResponse((response) => response.url().endsWith("/verify") && response.ok());
  await carry(context, session);
  await settled;
  await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/dashboard");
});
