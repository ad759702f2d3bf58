import type { Page } from "@playwright/test";

/** Opens a page whose scripts do not arrive before they are let through. */
export async function openWithoutScripts(page: Page, path: string): Promise<{ letThrough(): Promise<void> }> {
  const scripts = /\/_next\/static\/.*\.js/;
  let letGo = () => {};
  const wanted = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(scripts, async (route) => {
    await wanted;
    await route.continue();
  });
  await page.goto(path, { waitUntil: "domcontentloaded" });
  return {
    async letThrough() {
      letGo();
      await waitUntilAlive(page);
      await page.unroute(scripts);
    },
  };
}

/** Waits until React has taken over all of the page. */
async function waitUntilAlive(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const root = Object.entries(document).find(([key]) => key.startsWith("__reactContainer$"))?.[1];
    return root?.stateNode.current.memoizedState.isDehydrated === false;
  });
}
