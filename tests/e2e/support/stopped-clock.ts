import type { BrowserContext, Page } from "@playwright/test";

// Playwright's own clock is one for all pages of a browser, and waits for those that stand still.

/** Has the timers of the pages that are opened from now on run only when their clock is put on. */
export async function stopClock(pages: Page | BrowserContext): Promise<void> {
  await pages.addInitScript(() => {
    const realTimeout = window.setTimeout;
    const timers = new Map<number, { at: number; run: () => void }>();
    let [now, lastId] = [0, 0];
    const earliest = (until: number) =>
      [...timers].filter(([, { at }]) => at <= until).sort(([, one], [, other]) => one.at - other.at)[0];
    const setTimeout = (work: (...args: unknown[]) => void, delay = 0, ...args: unknown[]) => {
      lastId += 1;
      timers.set(lastId, { at: now + delay, run: () => work(...args) });
      return lastId;
    };
    const putOn = async (milliseconds: number) => {
      const until = now + milliseconds;
      for (let due = earliest(until); due; due = earliest(until)) {
        const [id, { at, run }] = due;
        timers.delete(id);
        now = at;
        run();
        await new Promise((resolve) => realTimeout(resolve));
      }
      now = until;
    };
    Object.assign(window, { setTimeout, clearTimeout: (id: number) => timers.delete(id), putOn });
  });
}

/** Runs what is due within that many milliseconds, one after the other. What comes over the network may come later. */
export function putOn(page: Page, milliseconds: number): Promise<void> {
  return page.evaluate((duration) => {
    const { putOn } = window as typeof window & { putOn(duration: number): Promise<void> };
    return putOn(duration);
  }, milliseconds);
}
