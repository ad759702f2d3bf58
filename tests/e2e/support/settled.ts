import type { Page } from "@playwright/test";

/** Opens a page and waits until its scripts run and have painted what they add. */
export async function openSettled(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.waitForFunction(() => {
    const controls = document.querySelectorAll("main button, main a, header a");
    return [...controls].some((control) => Object.keys(control).some((key) => key.startsWith("__react")));
  });
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}

/** Opens the list of devices and waits until it is alive. */
export async function openLiveList(page: Page): Promise<void> {
  await page.goto("/sessions");
  await page.getByText("Live", { exact: true }).waitFor();
}
