import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  type Page,
  type TestInfo,
} from "@playwright/test";
import type pg from "pg";
import { connect } from "../../support/database/database";
import { freshAddress } from "../../support/http/client";
import { addPerson, type Person, type Row, type SessionFacts } from "../../support/people/people";
import { place } from "../../support/people/place";
import { Complaints } from "./complaints";
import { addDevice, cookieOf } from "./sign-in";
import { CHROME_ON_MAC, type Kind } from "./user-agents";

export { expect } from "@playwright/test";

/** A browser of somebody, with a page. */
export type Device = { context: BrowserContext; page: Page };
/** One that is signed in. */
export type SignedInDevice = Device & { session: Row };

type Fixtures = {
  complaints: Complaints;
  /** Somebody new. */
  person: Person;
  /** Opens a browser in which nobody is signed in. */
  open(kind?: Kind, options?: BrowserContextOptions): Promise<Device>;
  /** Opens a browser in which `person` is signed in. */
  openSignedIn(kind?: Kind, options?: BrowserContextOptions & SessionFacts): Promise<SignedInDevice>;
};

/** Every test hears what its browsers complain about, and fails for it. */
export const test = base.extend<Fixtures, { db: pg.Pool }>({
  db: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern here.
    async ({}, use) => {
      const db = connect(place().databaseUrl);
      await use(db);
      await db.end();
    },
    { scope: "worker" },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern here.
  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    base.expect(complaints.unexpected(), "complaints of the browsers").toEqual([]);
  },

  person: async ({ db }, use) => use(await addPerson(db, { name: "Ada Lovelace" })),

  open: async ({ browser, complaints }, use, testInfo) => {
    const contexts: BrowserContext[] = [];
    await use(async ({ userAgent } = CHROME_ON_MAC, options = {}) => {
      const context = await browser.newContext({
        baseURL: place().origin,
        userAgent,
        reducedMotion: "reduce",
        extraHTTPHeaders: { "x-forwarded-for": freshAddress() },
        ...options,
      });
      contexts.push(context);
      await complaints.hear(context);
      return { context, page: await context.newPage() };
    });
    if (testInfo.status !== testInfo.expectedStatus) await takePictures(contexts, testInfo);
    await Promise.all(contexts.map((context) => context.close()));
  },

  openSignedIn: async ({ db, person, open }, use) => {
    await use(async (kind = CHROME_ON_MAC, options = {}) => {
      const session = await addDevice(db, person, kind, options);
      const device = await open(kind, options);
      await carry(device.context, session);
      return { ...device, session };
    });
  },
});

/** How every page looked when the test failed. Playwright's own way takes pictures of every test, in case it will. */
async function takePictures(contexts: BrowserContext[], testInfo: TestInfo): Promise<void> {
  const pages = contexts.flatMap((context) => context.pages());
  for (const [index, page] of pages.entries())
    await page.screenshot({ path: testInfo.outputPath(`page-${index + 1}.png`) });
}

/** Gives a browser the cookie of a session. */
export async function carry(context: BrowserContext, session: Row, server = place()): Promise<void> {
  const value = await cookieOf(session, server);
  await context.addCookies([{ name: "session", value, url: server.origin, httpOnly: true, sameSite: "Lax" }]);
}
