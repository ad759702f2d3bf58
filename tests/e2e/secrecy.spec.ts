import type { BrowserContext } from "@playwright/test";
import { type Answer, browser, type Client } from "../support/http/client";
import { freshEmail, PASSWORD } from "../support/people/people";
import { place } from "../support/people/place";
import { device, openRename } from "./support/devices";
import { passwordField } from "./support/forms";
import { addDevice, cookieOf } from "./support/sign-in";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, SAFARI_ON_IPHONE } from "./support/user-agents";

// A token, a seal, the hash of a password.
const SECRET = /\beyJ[\w-]{10,}\.[\w-]+\.|Fe26\.2\*|\$argon2/;
const PAGES = ["/dashboard", "/sessions", "/security"];

/** The bodies of all answers that a browser gets. */
function collectBodies(context: BrowserContext): () => Promise<[url: string, body: string][]> {
  const bodies: Promise<[string, string]>[] = [];
  context.on("response", (response) => {
    const url = response.url();
    // It ends with its session only.
    if (new URL(url).pathname.endsWith("/events")) return;
    // An answer that leads elsewhere has none.
    const body = response.text().catch(() => "");
    bodies.push(body.then((text) => [`${response.request().method()} ${url}`, text]));
  });
  return () => Promise.all(bodies);
}

/** Anything that could be SHA-256 in hexadecimal. */
function hashesIn(text: string): string[] {
  return [...text.matchAll(/[\da-f]{64,}/g)].flatMap(([run]) =>
    Array.from({ length: run.length - 63 }, (_, at) => run.slice(at, at + 64)),
  );
}

test("no script and no page ever holds a token, a seal or a hash", async ({ open, db }) => {
  const { page, context } = await open(CHROME_ON_MAC);
  const bodies = collectBodies(context);
  await page.goto("/signup");
  await page.getByLabel("Email").fill(freshEmail());
  await passwordField(page).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL("/sessions");
  for (const name of ["Overview", "Security", "Devices"]) {
    await page.getByRole("navigation").getByRole("link", { name }).click();
    await expect(page.locator("h1")).toBeVisible();
    const kept = await page.evaluate(() => ({
      cookie: document.cookie,
      local: JSON.stringify(localStorage),
      session: JSON.stringify(sessionStorage),
      document: document.documentElement.outerHTML,
      history: JSON.stringify(history.state),
    }));
    expect(kept.cookie).toBe("");
    expect(kept.local).toBe("{}");
    for (const text of Object.values(kept)) expect(text).not.toMatch(SECRET);
  }
  const kind = await page.locator("[data-device] .device-name").innerText();
  await (await openRename(page, kind)).fill("Desk");
  await page.keyboard.press("Enter");
  await expect(device(page, "Desk")).toBeVisible();
  await page.reload();

  const all = await bodies();
  expect(all.some(([url]) => url.includes("_rsc="))).toBe(true);
  expect(all.some(([url]) => url.startsWith("POST") && url.endsWith("/api/auth/signup"))).toBe(true);
  const { rows } = await db.query("SELECT encode(secret_hash, 'hex') AS hash FROM sessions");
  const hashes = new Set(rows.map(({ hash }) => hash));
  for (const [url, body] of all) {
    expect(SECRET.test(body), url).toBe(false);
    expect(body.includes(PASSWORD), url).toBe(false);
    expect(
      hashesIn(body).filter((text) => hashes.has(text)),
      url,
    ).toEqual([]);
  }
  const cookies = await context.cookies();
  expect(cookies.filter(({ httpOnly }) => !httpOnly)).toEqual([]);
});

/** Asks once more where the router is told under which address it finds a payload. */
async function ask(client: Client, path: string, headers: Record<string, string>): Promise<Answer> {
  const answer = await client.get(path, { headers });
  const { location } = answer.headers;
  return location?.startsWith(`${path}?_rsc=`) ? client.get(location, { headers }) : answer;
}

/** The same page as a browser asks for it, and as the router does. */
const WAYS = {
  document: {},
  payload: { rsc: "1", "next-url": "/dashboard" },
  prefetch: { rsc: "1", "next-router-prefetch": "1" },
};

/** It leads to the login page, by a status or from within a stream that has begun, and holds nothing of the person. */
function expectNothing({ status, headers, text }: Answer, email: string, what: string): void {
  expect([200, 303, 307], what).toContain(status);
  expect(headers.location ?? text, what).toContain("/login?next=");
  expect(text.includes(email), what).toBe(false);
  expect(text.includes("Ada Lovelace"), what).toBe(false);
  expect(text.includes("Safari on iOS"), what).toBe(false);
  expect(String(headers["cache-control"]), what).toContain("no-store");
}

test("the cookie of a session that is over gets nothing, however it is sent", async ({ person, db }) => {
  await addDevice(db, person, SAFARI_ON_IPHONE);
  const live = await addDevice(db, person, CHROME_ON_MAC);
  const over = {
    ended: await addDevice(db, person, CHROME_ON_MAC, { startedAgo: 60, endedAgo: 5 }),
    idle: await addDevice(db, person, CHROME_ON_MAC, { startedAgo: 8_000, idleSeconds: 7_200 }),
    expired: await addDevice(db, person, CHROME_ON_MAC, { startedAgo: 80, endsIn: -5 }),
    "known by its id alone": { ...live, secret: "x".repeat(43) },
  };
  for (const path of PAGES) {
    const good = await browser(place(), { session: await cookieOf(live) }).get(path);
    expect(good.status).toBe(200);
    expect(good.text).toContain("Ada Lovelace");
    for (const [why, session] of Object.entries(over)) {
      const client = browser(place(), { session: await cookieOf(session) });
      for (const [way, headers] of Object.entries(WAYS)) {
        // A prefetch may be answered with a page's frame, in which there is nothing.
        const answer = await ask(client, path, headers);
        if (way === "prefetch" && answer.status === 200) expect(answer.text.length).toBeLessThan(2_000);
        else expectNothing(answer, person.email, `${path}, ${why}, ${way}`);
      }
    }
  }
});
