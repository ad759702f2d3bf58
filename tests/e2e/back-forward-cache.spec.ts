import { chromiumOptions } from "../support/chromium";
import { watchForPages } from "./support/sightings";
import { expect, test } from "./support/test";

// Playwright switches the back/forward cache off. People have it on.
test.use({ launchOptions: { ...chromiumOptions(), ignoreDefaultArgs: ["--disable-back-forward-cache"] } });

test("probe", async ({ openSignedIn }) => {
  const { page, context } = await openSignedIn();
  const seen = await watchForPages(context);
  const shows: string[] = [];
  await context.exposeFunction("shown", (how: string) => shows.push(how));
  await page.addInitScript(() => {
    window.addEventListener("pageshow", (event) => {
      const reasons = JSON.stringify(performance.getEntriesByType("navigation")[0]?.notRestoredReasons ?? null);
      void (window as any).shown(`${location.pathname} ${event.persisted} ${reasons}`);
    });
  });
  await page.goto("/dashboard");
  await page.goto("/login");
  await page.goto("/signup").catch(()=>{});
  await page.evaluate(() => history.back());
  await page.waitForTimeout(1500);
  console.log(shows, seen, page.url());
  await page.evaluate(() => history.go(-1)).catch(e=>console.log(String(e)));
  await page.waitForTimeout(1500);
  console.log(shows, seen, page.url());
});
