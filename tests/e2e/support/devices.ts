import { expect, type Locator, type Page } from "@playwright/test";

// The page of devices, as people use it.

/** The title of the page. */
export const title = (page: Page) => page.getByRole("heading", { name: "Devices", exact: true });

/** Every device on the page, this one first, those included that ended during this visit. */
export const devices = (page: Page) => page.locator("[data-device]");

/** The row of a device, or the tag of this one. A name that several have is followed by what tells them apart. */
export function device(page: Page, name: string): Locator {
  return devices(page).filter({ has: page.getByRole("heading", { name, exact: true }) });
}

/** The names of the other devices, from top to bottom. */
export const names = (page: Page) => page.locator("li[data-device] .device-name").allTextContents();

/** The button that asks whether to sign a device out. */
export function signOutButton(page: Page, name: string): Locator {
  return page.getByRole("button", { name: `Sign out ${name}`, exact: true });
}

/** Signs another device out, and says yes to the question. */
export async function signOutDevice(page: Page, name: string): Promise<void> {
  await signOutButton(page, name).click();
  await confirm(page);
}

/** Says yes to the question of the open dialog. */
export async function confirm(page: Page): Promise<void> {
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Sign out/ })
    .click();
}

/** Asks to sign out all others. */
export async function signOutOthers(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out all others…" }).click();
  await confirm(page);
}

/** Opens the question whether to sign out everywhere. */
export async function askEverywhere(page: Page): Promise<void> {
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("button", { name: "Sign out everywhere…" }).click();
}

/** Opens the dialog that renames a device, by its details; returns the field. */
export async function openRename(page: Page, name: string): Promise<Locator> {
  await device(page, name).getByRole("link").click();
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  const field = page.getByRole("dialog").getByLabel("Name", { exact: true });
  await expect(field).toBeFocused();
  return field;
}

/** Opens the history: a row for each session that has ended. */
export async function openHistory(page: Page): Promise<Locator> {
  await page.goto("/sessions/history");
  return page.getByRole("list", { name: "Signed-out devices" }).getByRole("listitem");
}
