import { readFile } from "node:fs/promises";
import { program } from "../support/http/client";
import { PASSWORD } from "../support/people/people";
import { place } from "../support/people/place";
import { expectAccessible } from "./support/axe";
import { REFUSED } from "./support/complaints";
import { logIn, passwordField } from "./support/forms";
import { expect, test } from "./support/test";
import { FIREFOX_ON_WINDOWS } from "./support/user-agents";

const LONG_AGO = 16 * 60;

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`an API session is made in the page, and its token works for a program until the session is ended, ${how} JavaScript`, async ({
    openSignedIn,
    complaints,
  }) => {
    complaints.expect(REFUSED);
    const { page } = await openSignedIn(undefined, { javaScriptEnabled, provedAgo: LONG_AGO });
    await page.goto("/sessions");
    await page.getByRole("link", { name: "New API session" }).click();
    await expect(page).toHaveURL("/sessions/api");
    if (javaScriptEnabled) await expectAccessible(page, "/sessions/api");
    await passwordField(page).fill("not my password");
    await page.getByRole("button", { name: "Create API session" }).click();
    await expect(page.getByLabel("Name")).toHaveAccessibleDescription(/Enter a name/);
    await page.getByLabel("Name").fill("Nightly report");
    await page.getByLabel("Expires").selectOption("After 7 days");
    await passwordField(page).fill("not my password");
    await page.getByRole("button", { name: "Create API session" }).click();
    await expect(passwordField(page)).toHaveAccessibleDescription(/Incorrect password/);
    await expect(page.getByLabel("Name")).toHaveValue("Nightly report");
    await passwordField(page).fill(PASSWORD);
    await page.getByRole("button", { name: "Create API session" }).click();
    await expect(page.getByRole("heading", { name: "Nightly report is ready" })).toBeVisible();
    if (javaScriptEnabled) await expectAccessible(page, "/sessions/api, with a token");

    const token = (await page.getByText(/^eyJ[\w.-]+$/).textContent()) ?? "";
    await expect(page.getByText(/^curl /)).toHaveText(
      `curl -H "Authorization: Bearer ${token}" ${place().origin}/api/auth/verify`,
    );
    const client = program(place(), token);
    const verified = await client.get("/api/auth/verify");
    expect(verified.json()).toMatchObject({ active: true });
    const left = Number(verified.json().exp) - Date.now() / 1_000;
    expect(left / 86_400).toBeCloseTo(7, 1);

    await page.getByRole("link", { name: /Back to my devices/ }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "Nightly report" })).toBeVisible();
    expect(await page.content()).not.toContain(token);
    await page.getByRole("button", { name: /^Sign out Nightly report/ }).click();
    await page.getByRole("button", { name: "Sign out", exact: true }).last().click();
    await expect.poll(async () => (await client.get("/api/auth/verify")).status).toBe(401);
    await page.goto("/activity");
    await expect(page.getByText("API session created", { exact: true })).toBeVisible();
  });

  test(`what is stored is exported as a file, after the password was entered again, ${how} JavaScript`, async ({
    openSignedIn,
    person,
  }) => {
    const { page } = await openSignedIn(undefined, { javaScriptEnabled, provedAgo: LONG_AGO });
    await page.goto("/security");
    await page.getByRole("button", { name: "Export my data" }).click();
    await passwordField(page).fill(PASSWORD);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export my data" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("account.json");
    const data = JSON.parse(await readFile(await download.path(), "utf8"));
    expect(data).toMatchObject({ user: { email: person.email }, sessions: [{ current: true }] });
    await expect(page).toHaveURL("/security");
  });

  test(`an account is deleted with everything, and no device stays in, ${how} JavaScript`, async ({
    openSignedIn,
    person,
    db,
    complaints,
  }) => {
    complaints.expect(REFUSED);
    const other = await openSignedIn(FIREFOX_ON_WINDOWS);
    await other.page.goto("/dashboard");
    const { page } = await openSignedIn(undefined, { javaScriptEnabled, provedAgo: LONG_AGO });
    await page.goto("/security");
    await page.getByRole("link", { name: "Delete…" }).click();
    await expect(page).toHaveURL("/security/delete");
    if (javaScriptEnabled) await expectAccessible(page, "/security/delete");
    await page.getByRole("button", { name: "Delete my account" }).click();
    await expect(page.getByRole("checkbox")).toHaveAccessibleDescription("Tick this first.");
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Delete my account" }).click();
    await expect(passwordField(page)).toHaveAccessibleDescription(/Enter your password/);
    await expect(page.getByRole("checkbox")).toBeChecked();
    await passwordField(page).fill(PASSWORD);
    await page.getByRole("button", { name: "Delete my account" }).click();
    await expect(page).toHaveURL("/login?signed_out=deleted");
    await expect(page.getByText("Your account and everything about it are deleted.")).toBeVisible();
    expect((await page.context().cookies()).filter(({ name }) => name === "session")).toEqual([]);
    await expect(other.page).toHaveURL(/\/login/);

    const { rows } = await db.query("SELECT FROM users WHERE id = $1", [person.id]);
    expect(rows).toEqual([]);
    await logIn(page, person.email);
    await expect(page.getByText("Incorrect email or password.")).toBeVisible();
  });

  test(`the activity is filtered and exported ${how} JavaScript`, async ({ open, person, complaints }) => {
    complaints.expect(REFUSED);
    const { page } = await open(undefined, { javaScriptEnabled });
    await page.goto("/login");
    await logIn(page, person.email, "not my password");
    await expect(page.getByText("Incorrect email or password.")).toBeVisible();
    await logIn(page, person.email);
    await expect(page).toHaveURL("/sessions");
    await page.goto("/activity");
    const list = page.getByRole("list", { name: "Activity" });
    await expect(list.getByText("Wrong password at sign-in")).toBeVisible();
    await page.getByRole("link", { name: "Account", exact: true }).click();
    await expect(page).toHaveURL("/activity?kind=account");
    await expect(page.getByText("Nothing of this kind has happened")).toBeVisible();
    await page.getByRole("link", { name: "Sign-ins", exact: true }).click();
    await expect(list.getByRole("listitem")).toHaveCount(2);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export as JSON" }).click(),
    ]);
    const { events } = JSON.parse(await readFile(await download.path(), "utf8"));
    expect(events.map(({ type }: { type: string }) => type)).toEqual(["session_started", "login_failed"]);
  });
}
