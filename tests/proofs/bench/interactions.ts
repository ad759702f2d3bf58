import { chromium, type Page } from "@playwright/test";
import { chromiumOptions } from "../../support/screenshots/chromium";
import type { Context } from "./context";
import { ORIGIN, startInstance } from "./instance";
import { populate, Signer } from "./population";
import { milliseconds } from "./report";
import { quantile } from "./statistics";

const DEVICES = 100;

/** How long the devices page takes to answer a hand: from the event to the next frame, as INP counts it. */
export async function interactions({ stage, secrets, report, rounds }: Context): Promise<void> {
  const population = { people: 1, live: DEVICES, ended: 0 };
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population);
  const { port, stop } = await startInstance({ databaseUrl, secrets });
  const signer = new Signer(secrets, population);
  const { Cookie: cookie = "" } = await signer.cookie(signer.caller(0));
  const [name = "", value = ""] = cookie.split(/=(.*)/s);
  const { args, ...options } = chromiumOptions();
  // The browser must see the instance at its public origin.
  const map = `--host-resolver-rules=MAP ${new URL(ORIGIN).host} 127.0.0.1:${port}`;
  const browser = await chromium.launch({ ...options, args: [...args, map] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addCookies([{ name, value, url: ORIGIN, httpOnly: true, sameSite: "Lax" }]);
  const page = await context.newPage();
  const fetches: string[] = [];
  page.on("request", (request) => request.url().includes("_rsc=") && fetches.push(request.url()));
  await page.goto(`${ORIGIN}/sessions`);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  const fetchesAfterLoad = fetches.length;
  await observe(page);

  const times: Record<string, number[]> = {};
  const timed = async (what: string, work: () => Promise<void>) => {
    times[what] = [...(times[what] ?? []), await slowest(page, work)];
  };
  for (let round = 0; round < rounds * 2; round += 1) {
    const row = page.locator("li[data-device]:not([data-look=ended])").nth(round);
    await timed("opening a menu", () => row.locator("[data-menu]").click());
    await page.keyboard.press("Escape");
    await timed("opening the details", () => row.getByRole("link").click());
    await page.keyboard.press("Escape");
    await timed("asking before an end", () => row.locator("button[name=device]").click());
    await timed("ending one", () =>
      page.getByRole("dialog").getByRole("button", { name: "Sign out", exact: true }).click(),
    );
    await page
      .getByRole("status")
      .getByText(/^Signed out/)
      .waitFor();
    await timed("typing into the search", () => page.getByRole("searchbox").press(String(round % 10)));
    await page.getByRole("searchbox").fill("");
  }

  report.heading("From a press to the next frame");
  report.text(
    `The devices page with ${DEVICES} devices in Chromium, 1280 px wide: the event that took longest of each interaction ` +
      `(Event Timing, which counts in steps of 8 ms). After it had loaded, the list was fetched ${fetchesAfterLoad} times before the first press.`,
  );
  report.table(
    ["interaction", "median", "longest"],
    Object.entries(times).map(([what, all]) => {
      const sorted = all.toSorted((a, b) => a - b);
      return [what, milliseconds(quantile(sorted, 0.5)), milliseconds(sorted.at(-1) ?? Number.NaN)];
    }),
  );
  await browser.close();
  await stop();
}

/** Has the page note how long its events take. */
async function observe(page: Page): Promise<void> {
  await page.evaluate(() => {
    const durations: number[] = [];
    Object.assign(window, { durations });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) durations.push(duration);
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
}

/** The duration of the slowest event of what `work` does, in milliseconds: at least a frame, below which none is told. */
async function slowest(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    (window as typeof window & { durations: number[] }).durations.length = 0;
  });
  await work();
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const { durations } = window as typeof window & { durations: number[] };
        // Entries come in after the frame that they measure.
        setTimeout(() => resolve(Math.max(16, ...durations)), 300);
      }),
  );
}
