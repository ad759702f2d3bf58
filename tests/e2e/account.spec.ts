import { freshEmail, PASSWORD } from "../support/people/people";
import { expectAccessible } from "./support/axe";
import { REFUSED, UNREACHABLE } from "./support/complaints";
import { logIn, passwordField, signOut } from "./support/forms";
import { expect, test } from "./support/test";
import { letStepUpBeDue, linkIn, signUp, withMail } from "./support/with-mail";

const NEW_PASSWORD = "nineteen purple umbrellas";

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`the way from sign-up to a forgotten password and back in, by mails as received, ${how} JavaScript`, async ({
    open,
    complaints,
  }) => {
    complaints.expect(REFUSED);
    // The server is stopped before the browsers are.
    complaints.expect(UNREACHABLE);
    await withMail(async ({ server, smtp }) => {
      const { page } = await open(undefined, { baseURL: server.origin, javaScriptEnabled });
      const email = freshEmail();
      await signUp(page, email, PASSWORD);
      const banner = page.getByRole("link", { name: "Confirm email" });
      await expect(banner).toBeVisible();
      if (javaScriptEnabled) await expectAccessible(page, "/sessions, with the banner");

      await banner.click();
      const card = page.getByRole("region", { name: "Email" });
      await expect(card).toContainText("Not confirmed");
      await page.getByRole("button", { name: "Send another link" }).click();
      await expect(page.getByText("A new link is on its way.")).toBeVisible();
      const { text } = await smtp.mail(email, /Confirm/);
      await page.goto(linkIn(text, "/verify-email"));
      await page.getByRole("button").first().click();
      await page.goto("/security");
      await expect(card).toContainText("Confirmed");
      await expect(banner).toBeHidden();
      if (javaScriptEnabled) await expectAccessible(page, "/security, confirmed");

      await signOut(page);
      await page.goto("/login");
      await page.getByRole("link", { name: "Forgot your password?" }).click();
      // Both pages have such a field.
      await expect(page).toHaveURL("/forgot-password");
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
      for (const words of [
        "Account created",
        "Email confirmed",
        "New password chosen by a link",
        "Signed in",
      ])
        await expect(activity.getByText(words, { exact: true }).first()).toBeVisible();
      if (javaScriptEnabled) await expectAccessible(page, "/activity");
    });
  });

  test(`an email is changed by the link in the mail, after the password was entered again, ${how} JavaScript`, async ({
    open,
    complaints,
  }) => {
    complaints.expect(REFUSED);
    // The server is stopped before the browsers are.
    complaints.expect(UNREACHABLE);
    await withMail(async ({ server, smtp, db }) => {
      const { page } = await open(undefined, { baseURL: server.origin, javaScriptEnabled });
      const [before, after] = [freshEmail(), freshEmail()];
      await signUp(page, before, PASSWORD);
      await letStepUpBeDue(db);
      await page.goto("/security");
      const card = page.getByRole("region", { name: "Email" });
      const field = card.getByLabel("New email");
      await field.fill("nobody");
      await card.getByRole("button", { name: "Send link" }).click();
      await expect(field).toHaveAccessibleDescription(/Enter an email address/);
      await expect(field).toHaveValue("nobody");

      await field.fill(after);
      await card.getByRole("button", { name: "Send link" }).click();
      await passwordField(page).fill("not my password");
      await expect(field).toHaveValue(after);
      if (javaScriptEnabled) await expectAccessible(page, "/security, which asks for the password");
      await card.getByRole("button", { name: "Send link" }).click();
      await expect(passwordField(page)).toHaveAccessibleDescription(/Incorrect password/);
      await passwordField(page).fill(PASSWORD);
      await expect(field).toHaveValue(after);
      await card.getByRole("button", { name: "Send link" }).click();
      await expect(card.getByText(`We sent a link to ${after}.`)).toBeVisible();
      await expect(card).toContainText(before);

      const notice = await smtp.mail(before, /about to change/);
      expect(notice.text).toContain(after);
      const { text } = await smtp.mail(after, /Confirm/);
      await page.goto(linkIn(text, "/verify-email"));
      await page.getByRole("button").first().click();
      await page.goto("/security");
      await expect(card).toContainText(after);
      await signOut(page);
      await page.goto("/login");
      await logIn(page, after);
      await expect(page).toHaveURL("/sessions");
    });
  });

  test(`“This wasn’t me” in the mail about a sign-in puts the stranger out and leads to a new password, ${how} JavaScript`, async ({
    open,
    complaints,
  }) => {
    complaints.expect(REFUSED);
    // The server is stopped before the browsers are.
    complaints.expect(UNREACHABLE);
    await withMail(async ({ server, smtp, db }) => {
      const own = await open(undefined, { baseURL: server.origin, javaScriptEnabled });
      const email = freshEmail();
      await signUp(own.page, email, PASSWORD);
      await db.query("UPDATE users SET email_verified_at = now()");
      const stranger = await open(undefined, { baseURL: server.origin });
      await stranger.page.goto("/login");
      await logIn(stranger.page, email);
      await expect(stranger.page).toHaveURL("/sessions");

      const { text } = await smtp.mail(email, /New sign-in/);
      await own.page.goto(linkIn(text, "/report"));
      if (javaScriptEnabled) await expectAccessible(own.page, "/report");
      await own.page.getByRole("button", { name: "Sign that device out" }).click();
      await expect(stranger.page).toHaveURL(/\/login/);
      await expect(stranger.page.getByText(/its sign-in was reported/)).toBeVisible();
      await passwordField(own.page, "New password").fill(NEW_PASSWORD);
      await own.page.getByRole("button", { name: "Change password" }).click();
      await own.page.goto("/login");
      await logIn(own.page, email, NEW_PASSWORD);
      await expect(own.page).toHaveURL("/sessions");
    });
  });
}
