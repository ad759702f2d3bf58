import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "@playwright/test";
import type pg from "pg";
import { freshAddress } from "../support/http/client";
import { freshEmail, PASSWORD, type Person } from "../support/people/people";
import { place } from "../support/people/place";
import { chromiumOptions } from "../support/screenshots/chromium";
import { Complaints, REFUSED } from "./support/complaints";
import { logIn, passwordField } from "./support/forms";
import { expect, test } from "./support/test";

const BLOCKED = 2;
const MESSAGE = /^Your browser blocks the cookie that keeps you signed in\./;

/** A browser with a profile of its own, in which somebody has forbidden all cookies. */
async function withBlockedCookies(
  options: { javaScriptEnabled: boolean },
  work: (context: BrowserContext) => Promise<void>,
): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), "latchkey-profile-"));
  await mkdir(join(profile, "Default"));
  const preferences = { profile: { default_content_setting_values: { cookies: BLOCKED } } };
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, {
    ...chromiumOptions(),
    ...options,
    baseURL: place().origin,
    extraHTTPHeaders: { "x-forwarded-for": freshAddress() },
  });
  try {
    await work(context);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

const sessionsOf = async (db: pg.Pool, { id }: Person) =>
  (await db.query("SELECT FROM sessions WHERE user_id = $1", [id])).rowCount;

for (const javaScriptEnabled of [true, false]) {
  test(`a browser that blocks cookies is told so, and leaves no session behind, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({
    db,
    person,
  }) => {
    await withBlockedCookies({ javaScriptEnabled }, async (context) => {
      const complaints = new Complaints();
      complaints.expect(REFUSED);
      await complaints.hear(context);
      const page = await context.newPage();
      const alert = page.getByRole("main").getByRole("alert");
      await page.goto("/login?next=%2Fsecurity");
      await logIn(page, person.email);
      await expect(alert).toHaveText(MESSAGE);
      await expect(alert).toContainText("Allow cookies for this site in its settings, then try again.");
      if (javaScriptEnabled) await expect(alert).toBeFocused();
      if (javaScriptEnabled) await expect(page.getByLabel("Email")).toHaveValue(person.email);
      expect(await sessionsOf(db, person)).toBe(0);

      const email = freshEmail();
      await page.goto("/signup");
      await page.getByLabel("Email").fill(email);
      await passwordField(page).fill(PASSWORD);
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(alert).toHaveText(MESSAGE);
      expect((await db.query("SELECT FROM users WHERE email = $1", [email])).rowCount).toBe(0);
      expect(complaints.unexpected()).toEqual([]);
    });
  });
}

test("cookies that are deleted while the form is open keep nobody from signing in", async ({
  open,
  person,
  complaints,
}) => {
  complaints.expect(REFUSED);
  const { page, context } = await open();
  await page.goto("/login");
  await context.clearCookies();
  await logIn(page, person.email);
  await expect(page).toHaveURL("/sessions");

  const plain = await open(undefined, { javaScriptEnabled: false });
  await plain.page.goto("/login");
  await plain.context.clearCookies();
  await logIn(plain.page, person.email);
  await expect(plain.page.getByText(MESSAGE)).toBeVisible();
  await expect(plain.page.getByLabel("Email")).toHaveValue(person.email);
  await logIn(plain.page, person.email);
  await expect(plain.page).toHaveURL("/sessions");
});
