import type { BrowserContext, Page } from "@playwright/test";
import { browser } from "../support/http/client";
import { PASSWORD } from "../support/people/people";
import { place } from "../support/people/place";
import { endByHand } from "./support/by-hand";
import { REFUSED } from "./support/complaints";
import { askEverywhere, device, names, openHistory, signOutButton, signOutDevice } from "./support/devices";
import { signOut } from "./support/forms";
import { openLiveList } from "./support/settled";
import { addDevice } from "./support/sign-in";
import { stopClock } from "./support/stopped-clock";
import { carry, expect, test } from "./support/test";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./support/user-agents";

const EVENTS = /\/api\/auth\/events(\?list)?$/;

/** Counts the streams that a browser has asked for. */
function countStreams(context: BrowserContext): () => number {
  let count = 0;
  context.on("request", (request) => {
    if (EVENTS.test(request.url())) count += 1;
  });
  return () => count;
}

/** Waits until that many tabs wait for the stream, besides the one that holds it. */
async function standInLine(page: Page, tabs: number): Promise<void> {
  const inLine = async () => {
    const { held = [], pending = [] } = await navigator.locks.query();
    return [held.length, pending.length];
  };
  await expect.poll(() => page.evaluate(inLine)).toEqual([1, tabs]);
}

test("four tabs share one stream, another tab takes over, and all of them leave when their session ends", async ({
  openSignedIn,
  complaints,
}) => {
  // The page that is not there.
  complaints.expect(REFUSED);
  const laptop = await openSignedIn(CHROME_ON_MAC);
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  // A tab that gets no answer for some seconds, as may happen on a busy machine, would take the stream.
  await stopClock(phone.context);
  const streams = countStreams(phone.context);
  const holder = phone.page;
  await holder.goto("/sessions");
  const others = [
    await phone.context.newPage(),
    await phone.context.newPage(),
    await phone.context.newPage(),
  ];
  await Promise.all(others.map((page, index) => page.goto(["/dashboard", "/", "/nowhere"][index] ?? "")));
  const [other] = others as [Page];
  await standInLine(other, 3);
  expect(streams()).toBe(1);

  const next = phone.context.waitForEvent("response", (response) => EVENTS.test(response.url()));
  await holder.close();
  await next;
  await standInLine(other, 2);
  expect(streams()).toBe(2);

  await laptop.page.goto("/sessions");
  await signOutDevice(laptop.page, "Safari on iOS");
  for (const page of others) {
    await expect(page).toHaveURL(/\/login\?next=/);
    await expect(page.getByText("This device was signed out from Chrome on macOS")).toBeVisible();
  }
});

test("logging out in one tab puts out the other tabs of the browser, and no other browser", async ({
  openSignedIn,
  complaints,
}) => {
  // The tab that stays takes over the stream, perhaps when the cookie has gone.
  complaints.expect(REFUSED);
  const laptop = await openSignedIn(CHROME_ON_MAC);
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  await stopClock(laptop.context);
  await phone.page.goto("/dashboard");
  await laptop.page.goto("/sessions");
  const second = await laptop.context.newPage();
  await second.goto("/security");
  await standInLine(second, 1);

  await signOut(second);
  await expect(second).toHaveURL("/login?signed_out=1");
  await expect(second.getByText("You’re signed out.")).toBeVisible();
  await expect(laptop.page).toHaveURL("/login?signed_out=1&next=%2Fsessions");
  await expect(laptop.page.getByText(/You’re signed out|You signed out in this browser/)).toBeVisible();
  await expect(phone.page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
});

test("a sign-out whose answer takes its time is not overtaken by a stream that breaks meanwhile", async ({
  openSignedIn,
  complaints,
}) => {
  complaints.expect(REFUSED);
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await page.route(EVENTS, (route) => route.fulfill({ status: 401 }));
  await page.goto("/security");
  // The session has ended, and the tab has found out before the answer that says so comes in.
  await page.route("**/api/auth/logout", async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    await page.waitForResponse((each) => each.url().endsWith("/api/auth/verify") && each.status() === 401);
    await route.fulfill({ response });
  });
  await signOut(page);
  await expect(page).toHaveURL("/login?signed_out=1");
  await expect(page.getByText("You’re signed out.")).toBeVisible();
});

const OWN_ENDINGS: Record<string, (page: Page) => Promise<void>> = {
  deleted: async (page) => {
    await page.goto("/security/delete");
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Delete my account" }).click();
  },
  everywhere: async (page) => {
    await openLiveList(page);
    await askEverywhere(page);
    await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
  },
};

for (const [how, endOwn] of Object.entries(OWN_ENDINGS))
  test(`a tab that has ended its own session says so however slow its way out is: ${how}`, async ({
    openSignedIn,
  }) => {
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await stopClock(page);
    // While it navigates, a page answers no questions. So it puts its own clock on.
    await page.addInitScript(() => {
      const { putOn, navigation } = window as typeof window & {
        putOn(milliseconds: number): Promise<void>;
        navigation: EventTarget;
      };
      navigation.addEventListener("navigate", (event) => {
        if ("formData" in event && event.formData) void putOn(30_000).then(() => console.info("later"));
      });
    });
    const later = page.waitForEvent("console", (message) => message.text() === "later");
    await page.route("**/api/auth/logout?*", async (route) => {
      await later;
      await route.continue();
    });
    await endOwn(page);
    await expect(page).toHaveURL(`/login?signed_out=${how}`);
  });

test("the list of devices is alive: what signs in appears at the top, what ends says so in its place, and both are announced", async ({
  openSignedIn,
  person,
  db,
}) => {
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  const { page } = phone;
  await openLiveList(page);
  await expect(page.getByText("Only this device is signed in.")).toBeVisible();
  const announcement = page.locator("main [aria-live=polite]").filter({ hasText: /./ });

  const client = browser(place());
  const userAgent = FIREFOX_ON_WINDOWS.userAgent;
  const form = { email: person.email, password: PASSWORD };
  await client.post("/api/auth/login", { form, headers: { "user-agent": userAgent } });
  const firefox = device(page, "Firefox on Windows");
  await expect(firefox).toContainText("New");
  await expect(announcement).toHaveText("New sign-in: Firefox on Windows, just now.");
  await expect(page.getByText("New sign-in: Firefox on Windows", { exact: true })).toBeVisible();

  await client.post("/api/auth/logout");
  await expect(firefox).toContainText("on the device itself.");
  await expect(signOutButton(page, "Firefox on Windows")).toHaveCount(0);
  await expect(announcement).toHaveText("Firefox on Windows was signed out.");

  // Nobody has to do it through the app: a row that somebody ends by hand is news all the same.
  const { id } = await addDevice(db, person, CHROME_ON_MAC);
  await expect.poll(() => names(page)).toEqual(["Chrome on macOS", "Firefox on Windows"]);
  await db.query("UPDATE sessions SET name = 'Renamed' WHERE id = $1", [id]);
  await expect.poll(() => names(page)).toEqual(["Renamed", "Firefox on Windows"]);
  await db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1", [id]);
  await expect(device(page, "Renamed")).toContainText("Access removed.");
  expect(await names(page)).toEqual(["Renamed", "Firefox on Windows"]);
  await page.reload();
  await expect(page.getByText("Only this device is signed in.")).toBeVisible();
  const ended = await openHistory(page);
  await expect(ended.filter({ hasText: "Renamed" })).toContainText("after it was reported as not yours.");
});

test("a list that is up to date is not fetched again when its stream stands, and one that is not is, once", async ({
  openSignedIn,
  person,
  db,
}) => {
  const { page } = await openSignedIn();
  const fetches: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("_rsc=")) fetches.push(request.url());
  });
  await openLiveList(page);
  expect(fetches).toEqual([]);

  await page.route(EVENTS, async (route) => {
    await addDevice(db, person, SAFARI_ON_IPHONE);
    await route.continue();
  });
  await openLiveList(page);
  await expect(device(page, "Safari on iOS")).toBeVisible();
  expect(fetches).toHaveLength(1);
});

test("an open tab of an account that is disabled leaves, too", async ({ openSignedIn, person, db }) => {
  const { page } = await openSignedIn();
  const connected = page.waitForResponse(EVENTS);
  await page.goto("/dashboard");
  await connected;
  await db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [person.id]);
  await expect(page).toHaveURL("/login?next=%2Fdashboard");
  await expect(page.getByText("This device was signed out because the account was disabled")).toBeVisible();
});

test("a tab that missed the news leaves when somebody comes back to it", async ({
  openSignedIn,
  db,
  complaints,
}) => {
  complaints.expect(/Failed to load resource/);
  const { page, context, session } = await openSignedIn();
  await context.route(EVENTS, (route) => route.abort());
  await page.clock.install();
  await page.goto("/dashboard");
  await endByHand(db, session);
  await page.clock.fastForward(6_000);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(page).toHaveURL("/login?next=%2Fdashboard");
});

test("signing in again in the same browser replaces the session, and its tabs go on with the new one", async ({
  openSignedIn,
  person,
  db,
}) => {
  const { page, context } = await openSignedIn();
  await page.goto("/sessions");
  const session = await addDevice(db, person, CHROME_ON_MAC, { name: "The new one" });
  await carry(context, session);
  await page.reload();
  await expect(device(page, "The new one")).toContainText("This device");
});
