import type { Browser, Page } from "@playwright/test";
import type { Row } from "../support/people/people";
import { endByHand } from "./support/by-hand";
import { openPlainProfile } from "./support/plain-tabs";
import { addDevice } from "./support/sign-in";
import { putOn, stopClock } from "./support/stopped-clock";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC } from "./support/user-agents";

// The tab that holds the stream of a browser may stand still, and with it what it would hand on to the others.

const EVENTS = "/api/auth/events";
const FIVE_SECONDS = 5_000;

/** Ways to make a tab stand still, and to let it go on. */
const STANDSTILLS: Record<string, (page: Page) => Promise<() => Promise<void>>> = {
  "shows an alert": async (page) => {
    const shown = page.waitForEvent("dialog");
    page.evaluate(() => setTimeout(() => alert("Look here."))).catch(() => {});
    const dialog = await shown;
    return () => dialog.dismiss();
  },
  "is stopped in a debugger": async (page) => {
    const devTools = await page.context().newCDPSession(page);
    const paused = new Promise((resolve) => devTools.once("Debugger.paused", resolve));
    await devTools.send("Debugger.enable");
    await devTools.send("Debugger.pause");
    page.evaluate(() => document.title).catch(() => {});
    await paused;
    return async () => void (await devTools.send("Debugger.disable"));
  },
};

/** Waits until one tab holds the stream, and the other waits for it. */
async function shareStream(page: Page): Promise<void> {
  const inLine = async () => {
    const { held = [], pending = [] } = await navigator.locks.query();
    return [held.length, pending.length];
  };
  await expect.poll(() => page.evaluate(inLine)).toEqual([1, 1]);
}

for (const [what, stop] of Object.entries(STANDSTILLS)) {
  test(`a tab leaves within five seconds of its clock although the tab with the stream ${what}`, async ({
    openSignedIn,
    db,
  }) => {
    const { page: holder, context, session } = await openSignedIn();
    const connected = holder.waitForResponse(`**${EVENTS}*`);
    await holder.goto("/dashboard");
    await connected;
    const follower = await context.newPage();
    // The machine may take as long as it likes.
    await stopClock(follower);
    await follower.goto("/security");
    await shareStream(follower);

    const goOn = await stop(holder);
    await endByHand(db, session);
    await putOn(follower, FIVE_SECONDS);
    await expect(follower).toHaveURL("/login?next=%2Fsecurity");
    await goOn();
    await expect(holder).toHaveURL("/login?next=%2Fdashboard");
  });
}

const IN_LINE = "navigator.locks.query().then(({ pending }) => pending.length > 0)";
const WHERE = "location.pathname + location.search";

test("a tab leaves at once although the tab that had the stream is frozen by the browser", async ({
  browser,
  person,
  db,
}) => {
  const session = await addDevice(db, person, CHROME_ON_MAC);
  const { holder, follower, close } = await openOneBehind(browser, session);
  await holder.setState("frozen");
  await endByHand(db, session);
  await expect.poll(() => follower.evaluate(WHERE)).toBe("/login?next=%2Fsecurity");
  await close();
});

test("a tab that was frozen by the browser listens again when it goes on", async ({
  browser,
  person,
  db,
}) => {
  const session = await addDevice(db, person, CHROME_ON_MAC);
  const { holder, follower, close } = await openOneBehind(browser, session);
  await holder.setState("frozen");
  await holder.setState("active");
  await follower.close();
  await endByHand(db, session);
  await expect.poll(() => holder.evaluate(WHERE)).toBe("/login?next=%2Fdashboard");
  await close();
});

/** Opens a tab that holds the stream, and another in front of it. */
async function openOneBehind(browser: Browser, session: Row) {
  const { open, close } = await openPlainProfile(browser, session);
  const holder = await open("/dashboard");
  await expect.poll(() => holder.evaluate("navigator.locks.query().then(({ held }) => held.length)")).toBe(1);
  const follower = await open("/security");
  await expect.poll(() => follower.evaluate(IN_LINE)).toBe(true);
  await follower.toFront();
  await expect.poll(() => holder.evaluate("document.visibilityState")).toBe("hidden");
  return { holder, follower, close };
}

test("a tab that has the stream says so when it is asked, and keeps it", async ({ openSignedIn }) => {
  const { page: holder, context } = await openSignedIn();
  const connected = holder.waitForResponse(`**${EVENTS}*`);
  await holder.goto("/dashboard");
  await connected;
  const follower = await context.newPage();
  await stopClock(follower);
  // It asks a second and a half after each answer, and would steal the stream as long after a question.
  await follower.addInitScript(() => Object.assign(Math, { random: () => 0 }));
  await follower.goto("/security");
  await shareStream(follower);
  const streams: string[] = [];
  context.on("request", (request) => request.url().includes(EVENTS) && streams.push("opened"));
  for (let question = 0; question < 3; question += 1) {
    const answer = follower.evaluate(
      () =>
        new Promise((resolve) => {
          const channel = new BroadcastChannel("latchkey-events");
          channel.onmessage = ({ data }) => data === "me" && resolve(channel.close());
        }),
    );
    await putOn(follower, 1_500);
    await answer;
  }
  await shareStream(follower);
  expect(streams).toEqual([]);
});

test("a tab that goes on after a standstill leaves the stream to the tab that has taken it", async ({
  openSignedIn,
}) => {
  const { page: holder, context } = await openSignedIn();
  await stopClock(context);
  const streams: string[] = [];
  context.on("request", (request) => request.url().includes(EVENTS) && streams.push("opened"));
  context.on("requestfailed", (request) => request.url().includes(EVENTS) && streams.push("closed"));
  const connected = holder.waitForResponse(`**${EVENTS}*`);
  await holder.goto("/dashboard");
  await connected;
  const follower = await context.newPage();
  await follower.goto("/security");
  await shareStream(follower);

  const goOn = await STANDSTILLS["is stopped in a debugger"]?.(holder);
  await putOn(follower, FIVE_SECONDS);
  await expect.poll(() => streams).toEqual(["opened", "opened"]);
  await goOn?.();
  await expect.poll(() => streams).toEqual(["opened", "opened", "closed"]);
  await follower.close();
  await expect.poll(() => streams.filter((each) => each === "opened").length).toBe(3);
});

test("a stream in which not even the server's sign of life comes any more is opened again", async ({
  openSignedIn,
}) => {
  const { page } = await openSignedIn();
  const connected = page.waitForResponse(`**${EVENTS}*`);
  await page.clock.install();
  await page.goto("/dashboard");
  await connected;
  const again = page.waitForResponse(`**${EVENTS}*`);
  await page.clock.runFor(21_000);
  await again;
  await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
});
