import type { BrowserContext } from "@playwright/test";
import { chromiumOptions } from "../support/screenshots/chromium";
import { endByHand } from "./support/by-hand";
import { watchForPages } from "./support/sightings";
import { expect, test } from "./support/test";

// Playwright switches the cache off that people have on: Back brings a whole page back, scripts and all, and asks no
// server. Chromium keeps no page of ours, as their answers say `no-store` and they have a stream; other browsers have
// other rules. So that word is taken away here, and the page is really kept.

test.use({ launchOptions: { ...chromiumOptions(), ignoreDefaultArgs: ["--disable-back-forward-cache"] } });

const ELSEWHERE = "/api/health/live";

async function letPagesBeKept(context: BrowserContext): Promise<void> {
  await context.route(/\/(dashboard|login.*)$/, async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    // The browser itself is to go where it is sent.
    if (response.status() !== 200) return route.continue();
    const { "cache-control": _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
}

test("a page out of the back/forward cache is shown only once its session is known to live", async ({
  openSignedIn,
  db,
}) => {
  const { page, context, session } = await openSignedIn();
  await letPagesBeKept(context);
  const seen = await watchForPages(context);
  const restored: string[] = [];
  await context.exposeFunction("pageRestored", (path: string) => restored.push(path));
  await context.addInitScript(() => {
    const { pageRestored } = window as typeof window & { pageRestored?: (path: string) => void };
    window.addEventListener("pageshow", ({ persisted }) => persisted && pageRestored?.(location.pathname));
  });
  const connected = page.waitForResponse("**/api/auth/events*");
  await page.goto("/dashboard");
  await connected;

  await page.goto(ELSEWHERE);
  const connectedAgain = page.waitForResponse("**/api/auth/events*");
  await page.evaluate(() => history.back());
  await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
  await expect.poll(() => restored).toEqual(["/dashboard"]);
  await connectedAgain;

  await page.goto(ELSEWHERE);
  await endByHand(db, session);
  seen.splice(0);
  await page.evaluate(() => history.back());
  await expect(page).toHaveURL("/login?next=%2Fdashboard");
  await expect(page.getByText("its sign-in was reported")).toBeVisible();
  expect(restored).toEqual(["/dashboard", "/dashboard"]);
  expect(seen).toEqual([]);
});
