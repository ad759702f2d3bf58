import { connect, databaseServer, freshDatabase } from "../support/database/database";
import { startServer } from "../support/http/server";
import { Smtp } from "../support/mail/smtp";
import { freshEmail, PASSWORD } from "../support/people/people";
import { expectAccessible } from "./support/axe";
import { REFUSED } from "./support/complaints";
import { logIn, passwordField, signOut } from "./support/forms";
import { expect, test } from "./support/test";

const NEW_PASSWORD = "nineteen purple umbrellas";

for (const javaScriptEnabled of [true, false]) {
  test(`the way from sign-up to a forgotten password and back in, by mails as received, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({
    open,
    complaints,
  }) => {
    complaints.expect(REFUSED);
    const { stop: stopDatabase } = await databaseServer();
    const smtp = await Smtp.start();
    const server = await startServer({ databaseUrl: await freshDatabase(), env: { SMTP_URL: smtp.url } });
    const db = connect(server.databaseUrl);
    const { page } = await open(undefined, { baseURL: server.origin, javaScriptEnabled });
    const email = freshEmail();
    await page.goto("/signup");
    await page.getByLabel("Email").fill(email);
    await passwordField(page).fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page).toHaveURL("/sessions");

    await page.goto("/security");
    const card = page.getByRole("region", { name: "Email" });
    await expect(card).toContainText("Not confirmed");
    await page.getByRole("button", { name: "Send another link" }).click();
    await expect(page.getByText("A new link is on its way.")).toBeVisible();
    const { text } = await smtp.mail(email, /Confirm/);
    await page.goto(linkIn(text, "/verify-email"));
    await page.getByRole("button").first().click();
    await page.goto("/security");
    await expect(card).toContainText("Confirmed");
    if (javaScriptEnabled) await expectAccessible(page, "/security, confirmed");

    await signOut(page);
    await page.goto("/login");
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send link" }).click();
    await expect(page.getByText("If this email has an account, a link is on its way.")).toBeVisible();
    if (javaScriptEnabled) await expectAccessible(page, "/forgot-password, sent");
    const reset = await smtp.mail(email, /password/i);
    await page.goto(linkIn(reset.text, "/reset-password"));
    await passwordField(page, "New password").fill("too short");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(passwordField(page, "New password")).toHaveAccessibleDescription(
      /Use 15 characters or more/,
    );
    await passwordField(page, "New password").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.goto("/login");
    await logIn(page, email, NEW_PASSWORD);
    await expect(page).toHaveURL("/sessions");

    await page.goto("/activity");
    const activity = page.getByRole("list", { name: "Activity" });
    for (const words of ["Account created", "Email confirmed", "New password chosen by a link", "Signed in"])
      await expect(activity.getByText(words, { exact: true }).first()).toBeVisible();
    if (javaScriptEnabled) await expectAccessible(page, "/activity");
    await server.stop();
    await smtp.stop();
    await db.end();
    await stopDatabase();
  });
}

/** The path of a link in a mail. */
function linkIn(text: string, path: string): string {
  const url = new RegExp(`https?://\\S+${path}\\?token=\\S+`).exec(text)?.[0] ?? "";
  expect(url).not.toBe("");
  return url.slice(url.indexOf(path));
}
