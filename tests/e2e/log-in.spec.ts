import { LIFETIMES } from "@/lib/product";
import { browser, freshAddress } from "../support/http/client";
import { freshEmail, PASSWORD } from "../support/people/people";
import { place } from "../support/people/place";
import { REFUSED, UNREACHABLE } from "./support/complaints";
import { devices } from "./support/devices";
import { foreignForm } from "./support/foreign-site";
import { logIn, passwordField } from "./support/forms";
import { expect, test } from "./support/test";

test.describe("what is wrong is said on the spot", () => {
  test.beforeEach(({ complaints }) => complaints.expect(REFUSED));

  test("at log-in", async ({ open, person }) => {
    const { page } = await open();
    await page.goto("/login");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    const email = page.getByLabel("Email");
    await expect(email).toBeFocused();
    await expect(email).toHaveAccessibleDescription("Enter an email address, like ada@example.com.");
    await expect(email).toHaveAttribute("aria-invalid", "true");
    await expect(passwordField(page)).toHaveAccessibleDescription("Enter your password.");

    await logIn(page, person.email, "not the password at all");
    const alert = page.getByRole("alert").filter({ hasText: /./ });
    await expect(alert).toHaveText("Incorrect email or password.");
    await expect(alert).toBeFocused();
    await expect(email).toHaveValue(person.email);
    await expect(email).not.toHaveAttribute("aria-invalid");
    expect(page.url()).toBe(`${place().origin}/login`);

    await logIn(page, freshEmail(), "not the password at all");
    await expect(alert).toHaveText("Incorrect email or password.");
    await logIn(page, person.email.toUpperCase());
    await expect(page).toHaveURL("/sessions");
  });

  test("at sign-up", async ({ open }) => {
    const { page } = await open();
    await page.goto("/signup");
    const submit = page.getByRole("button", { name: "Create account" });
    const password = passwordField(page);
    await page.getByLabel("Email").fill("marie.curie@example.com");
    const refusals = [
      ["too short", /Use 15 characters or more/],
      ["passwordpassword", /attackers try common ones/],
      ["marie.curie@example.com", /Don’t use your name or email/],
    ] as const;
    for (const [typed, words] of refusals) {
      await password.fill(typed);
      await submit.click();
      await expect(password).toHaveAccessibleDescription(words);
      await expect(password).toBeFocused();
    }
  });

  test("too many attempts: for how long to wait", async ({ open, person }) => {
    // Attempts are counted by network, so both browsers are in one.
    const extraHTTPHeaders = { "x-forwarded-for": freshAddress() };
    const { page } = await open(undefined, { extraHTTPHeaders });
    await page.goto("/login");
    const alert = page.getByRole("alert").filter({ hasText: /./ });
    for (let guess = 1; guess <= 5; guess += 1) {
      await logIn(page, person.email, `guess number ${guess} of the password`);
      await expect(alert).toHaveText("Incorrect email or password.");
    }
    await logIn(page, person.email);
    await expect(alert.locator("p").last()).toHaveText(/^Too many attempts\. Try again in \d+ seconds?\.$/);

    const plain = await open(undefined, { javaScriptEnabled: false, extraHTTPHeaders });
    await plain.page.goto("/login");
    await logIn(plain.page, person.email);
    await expect(
      plain.page.getByText(/^Too many attempts\. Try again in \d+ seconds?\.$/).last(),
    ).toBeVisible();
  });

  test("a server that does not answer", async ({ open, person, complaints }) => {
    complaints.expect(UNREACHABLE);
    const { page } = await open();
    await page.goto("/login");
    await page.route("**/api/auth/login", (route) => route.abort());
    await logIn(page, person.email);
    await expect(page.getByText("We couldn’t reach the server.")).toBeVisible();
    await page.unroute("**/api/auth/login");
    await expect(passwordField(page)).toHaveValue(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page).toHaveURL("/sessions");
  });
});

test("a double click signs in once", async ({ open, person, db }) => {
  const { page } = await open();
  await page.goto("/login");
  await page.getByLabel("Email").fill(person.email);
  await passwordField(page).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).dblclick();
  await expect(page).toHaveURL("/sessions");
  const { rowCount } = await db.query("SELECT FROM sessions WHERE user_id = $1", [person.id]);
  expect(rowCount).toBe(1);
});

test("a password can be shown, and is hidden again", async ({ open }) => {
  const { page } = await open();
  await page.goto("/login");
  await passwordField(page).fill("a secret");
  await page.getByRole("button", { name: "Show password" }).click();
  await expect(passwordField(page)).toHaveAttribute("type", "text");
  await page.getByRole("button", { name: "Hide password" }).click();
  await expect(passwordField(page)).toHaveAttribute("type", "password");
});

test.describe("where it leads", () => {
  test("to the page that somebody wanted", async ({ open, person }) => {
    const { page } = await open();
    await page.goto("/security?from=mail");
    await expect(page).toHaveURL("/login?next=%2Fsecurity%3Ffrom%3Dmail");
    await logIn(page, person.email);
    await expect(page).toHaveURL("/security?from=mail");
  });

  test("over to the other form and back, without losing it", async ({ open, person }) => {
    const { page } = await open();
    await page.goto("/login?next=%2Fdashboard");
    await page.getByRole("link", { name: "Sign up" }).click();
    await expect(page).toHaveURL("/signup?next=%2Fdashboard");
    await page.getByRole("link", { name: "Sign in" }).click();
    await expect(page).toHaveURL("/login?next=%2Fdashboard");
    await logIn(page, person.email);
    await expect(page).toHaveURL("/dashboard");
  });

  test("never to another site", async ({ open, person }) => {
    const { page, context } = await open();
    const evil = ["//evil.example", "https://evil.example/", "/\\evil.example", "/%09/evil.example"];
    for (const next of evil) {
      await page.goto(`/login?${new URLSearchParams({ next })}`);
      await expect(page.locator("input[name=next]")).toHaveCount(0);
      await expect(page.getByRole("link", { name: "Sign up" })).toHaveAttribute("href", "/signup");
    }
    await logIn(page, person.email);
    await expect(page).toHaveURL("/sessions");
    const cookies = await context.cookies();
    const client = browser(place(), Object.fromEntries(cookies.map(({ name, value }) => [name, value])));
    for (const next of evil) {
      const { status, headers, text } = await client.get(`/login?${new URLSearchParams({ next })}`);
      expect([200, 307]).toContain(status);
      expect(headers.location ?? text).toMatch(/\/sessions/);
    }
  });

  test("people who are signed in go on at once, and are not asked again", async ({ openSignedIn }) => {
    const { page } = await openSignedIn();
    await page.goto("/login?next=%2Fsecurity");
    await expect(page).toHaveURL("/security");
    await page.goto("/signup");
    await expect(page).toHaveURL("/sessions");
    await page.goto("/");
    await expect(page.getByText("You’re signed in as Ada Lovelace.")).toBeVisible();
    await page.getByRole("link", { name: "Your devices" }).click();
    await expect(page).toHaveURL("/sessions");
  });
});

test("somebody who signs up with an address that is taken is asked to sign in, and learns no more", async ({
  open,
  person,
}) => {
  const { page } = await open();
  await page.goto("/signup");
  await page.getByLabel("Email").fill(person.email);
  await passwordField(page).fill("quite another password");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL("/login?next=%2Fsessions");
  await expect(page.getByText("Sign in to continue.")).toBeVisible();
});

test("'Keep me signed in' keeps the cookie for as long as the session may live; without it, it goes with the browser", async ({
  open,
  person,
}) => {
  const lifetimes: (number | undefined)[] = [];
  for (const keep of [false, true]) {
    const { page, context } = await open();
    await page.goto("/login");
    await page.getByLabel("Keep me signed in").setChecked(keep);
    await logIn(page, person.email);
    await expect(page).toHaveURL("/sessions");
    const cookie = (await context.cookies()).find(({ name }) => name === "session");
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
    lifetimes.push(cookie?.expires);
    await expect(devices(page).first()).toContainText("Chrome on macOS");
  }
  const [brief, kept = 0] = lifetimes;
  expect(brief).toBe(-1);
  const left = kept * 1_000 - Date.now();
  expect(left).toBeGreaterThan(0.99 * LIFETIMES.kept.absolute);
  expect(left).toBeLessThanOrEqual(LIFETIMES.kept.absolute);
});

test("a form of another site signs nobody in, with a right password either", async ({
  open,
  person,
  complaints,
}) => {
  complaints.expect(REFUSED);
  const { page, context } = await open();
  const fields = { email: person.email, password: PASSWORD };
  const site = await foreignForm(`${place().origin}/api/auth/login`, fields);
  const answer = page.waitForResponse("**/api/auth/login");
  await page.goto(site.url);
  expect((await answer).status()).toBe(403);
  expect((await context.cookies(place().origin)).map(({ name }) => name)).not.toContain("session");
  site.close();
});
