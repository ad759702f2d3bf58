import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import type pg from "pg";
import { build, isBuilt } from "@/scripts/development/serve";
import { CHROME_ON_MAC, type Kind, SAFARI_ON_IPHONE } from "../../e2e/support/user-agents";
import { connect, databaseServer, freshDatabase } from "../database/database";
import { ROOT, type Server, startServer } from "../http/server";
import { addPerson, PASSWORD, type Person } from "../people/people";
import { chromiumOptions } from "./chromium";
import { addSessions, age } from "./screenshot-people";
import { tellStory } from "./story";

// npm run screenshots: takes docs/screenshots/ of the production build, with a database and a server of its own.

const FOLDER = join(ROOT, "docs", "screenshots");
const MOST_BYTES = 150_000;
const MARGIN = 40;
const SCHEMES = ["light", "dark"] as const;

const WIDE = { width: 1280, height: 640 };

/** A browser that is somewhere, as a proxy in front of the app tells it. */
async function open(browser: Browser, server: Server, { userAgent }: Kind, address: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: server.origin,
    userAgent,
    locale: "en-GB",
    reducedMotion: "reduce",
    viewport: WIDE,
    extraHTTPHeaders: { "x-forwarded-for": address, "cf-ipcity": "Lisbon", "cf-ipcountry": "PT" },
  });
  return context.newPage();
}

async function logIn(page: Page, { email }: Person): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("Email").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByLabel("Keep me signed in").check();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL("/sessions");
}

/** Where there is something to see on the page, and a little around it. */
function contentOf(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  return page.evaluate((margin) => {
    const boxes = [...document.querySelectorAll<HTMLElement>("main *, header a, header button, nav a")]
      .filter((element) => element.checkVisibility() && !element.closest(".sr-only, [role=status]:empty"))
      .filter((element) => element.matches("li, article, .tag, :not(:has(*))"))
      .map((element) => element.getBoundingClientRect())
      .filter(({ width, height }) => width > 1 && height > 1);
    const left = Math.max(0, Math.min(...boxes.map((box) => box.left)) - margin);
    const right = Math.min(innerWidth, Math.max(...boxes.map((box) => box.right)) + margin);
    const bottom = Math.max(...boxes.map((box) => box.bottom + scrollY));
    const height = Math.min(document.documentElement.scrollHeight, Math.ceil(bottom) + margin);
    return { x: Math.floor(left), y: 0, width: Math.ceil(right - left), height };
  }, MARGIN);
}

/** Takes the page as it is, in light and in dark. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    const clip = await contentOf(page);
    const path = join(FOLDER, `${name}-${colorScheme}.png`);
    await writeFile(path, await page.screenshot({ clip, fullPage: true, caret: "hide" }));
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes.`);
    console.log(
      `${path.slice(ROOT.length + 1)} ${clip.width} x ${clip.height}, ${Math.round(size / 1_000)} kB`,
    );
  }
}

async function takeAll(browser: Browser, server: Server, db: pg.Pool): Promise<void> {
  const person = await addPerson(db, {
    name: "Ada Lovelace",
    email: "ada@example.com",
    verified: true,
    role: "admin",
  });
  await addSessions(db, person);
  const laptop = await open(browser, server, CHROME_ON_MAC, "192.0.2.10");
  for (const path of ["/", "/login", "/signup"]) {
    await laptop.goto(path);
    await take(laptop, path.slice(1) || "landing");
  }

  const phone = await open(browser, server, SAFARI_ON_IPHONE, "198.51.100.23");
  await logIn(phone, person);
  await logIn(laptop, person);
  await tellStory(browser, laptop, phone, join(FOLDER, "story"));
  await age(db, CHROME_ON_MAC.name, 12);
  for (const page of [laptop, phone]) await page.setViewportSize(WIDE);
  await take(phone, "signed-out");

  await laptop.reload();
  await take(laptop, "sessions");
  const other = await addPerson(db, { name: "Grace Hopper", email: "grace@example.com" });
  await addSessions(db, other);
  for (const [path, name] of [
    ["/security", "security"],
    ["/activity", "activity"],
    ["/sessions/api", "api-session"],
    [`/admin/${other.id}`, "people"],
  ] as const) {
    await laptop.goto(path);
    await take(laptop, name);
  }

  const narrow = await browser.newContext({
    baseURL: server.origin,
    storageState: await laptop.context().storageState(),
    locale: "en-GB",
    reducedMotion: "reduce",
    viewport: { width: 360, height: 640 },
    isMobile: true,
  });
  const page = await narrow.newPage();
  await page.goto("/sessions");
  await take(page, "sessions-360px");
}

if (!(await isBuilt()) && (await build()) !== 0) throw new Error("There is no build to take pictures of.");
await mkdir(FOLDER, { recursive: true });
const database = await databaseServer();
const server = await startServer({
  databaseUrl: await freshDatabase(),
  // Nobody listens there: the pages offer what needs mail, and none is sent.
  env: { TRUSTED_LOCATION_HEADERS: "cf-ipcity, cf-ipcountry", SMTP_URL: "smtp://127.0.0.1:9" },
});
const db = connect(server.databaseUrl);
const browser = await chromium.launch(chromiumOptions());
try {
  await takeAll(browser, server, db);
} finally {
  await browser.close();
  await db.end();
  await server.stop();
  await database.stop();
}
