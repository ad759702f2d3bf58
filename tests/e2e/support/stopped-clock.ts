import type { Page } from "@playwright/test";

/** The timers of one page. Playwright's own clock is one for all pages of a browser, and waits for those that stand still. */
export type StoppedClock = {
  /** Runs what is due within so many milliseconds, one after the other. What comes over the network may come later. */
  putOn(milliseconds: number): Promise<void>;
};

/** Has the timers of a page run only when its clock is put on. Call it before the page is opened. */
export async function stopClock(page: Page): Promise<StoppedClock> {
  await page.addInitScript(() => {
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
  return {
    putOn: (milliseconds) =>
      page.evaluate((duration) => {
        const { putOn } = window as typeof window & { putOn(duration: number): Promise<void> };
        return putOn(duration);
      }, milliseconds),
  };
}
