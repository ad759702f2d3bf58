import type { Locator, Page } from "@playwright/test";
import { PASSWORD } from "../../support/people/people";

// The forms that several tests fill in.

export async function logIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await passwordField(page).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** The button with the name of the account, behind which the theme and the way out are. */
export function accountMenu(page: Page): Locator {
  return page.getByRole("button", { name: /^Account/ });
}

export async function openAccountMenu(page: Page): Promise<void> {
  await accountMenu(page).click();
}

/** Signs out, from a page of the account. */
export async function signOut(page: Page): Promise<void> {
  await openAccountMenu(page);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
}

/** The field itself, and not the button that shows what is in it. */
export function passwordField(page: Page, label = "Password"): Locator {
  return page.getByRole("textbox", { name: label, exact: true });
}
