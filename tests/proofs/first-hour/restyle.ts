import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import type pg from "pg";
import { build, isBuilt } from "@/scripts/development/serve";
import { addHousehold } from "../../e2e/support/household";
import { addDevice, cookieOf } from "../../e2e/support/sign-in";
import { CHROME_ON_MAC } from "../../e2e/support/user-agents";
import { connect, databaseServer, freshDatabase } from "../../support/database/database";
import { ROOT, type Server, startServer } from "../../support/http/server";
import { addPerson } from "../../support/people/people";
import { chromiumOptions } from "../../support/screenshots/chromium";
import { apply, copyProject, run, stepsOf } from "./recipe";

// npm run restyle: pastes the theme of docs/extending.md into a copy of the project, as its first minutes say, and compares
// every page with how it looked before. The pictures are left in tests/output/restyle.

const PAGES = ["/", "/login", "/signup", "/dashboard", "/sessions", "/sessions/history", "/security"];
const SCHEMES = ["light", "dark"] as const;
const OUTPUT = join(ROOT, "tests", "output", "restyle");
/** A theme that reaches a page changes its ground, and with that most of it; cards may keep their white. */
const LEAST_CHANGED = 0.5;

const startedAt = performance.now();
const say = (what: string) =>
  console.log(`${String(Math.round((performance.now() - startedAt) / 1000)).padStart(4)} s  ${what}`);

/** Pictures of every page, by page and colour scheme. */
async function picturesOf(browser: Browser, server: Server, db: pg.Pool, name: string) {
  const person = await addPerson(db, { name: "Ada Lovelace", email: `${name}@example.com` });
  await addHousehold(db, person);
  const session = await addDevice(db, person, CHROME_ON_MAC);
  const pictures = new Map<string, Buffer>();
  for (const colorScheme of SCHEMES) {
    const context = await browser.newContext({
      baseURL: server.origin,
      colorScheme,
      reducedMotion: "reduce",
      viewport: { width: 1280, height: 720 },
    });
    const page = await context.newPage();
    for (const path of PAGES) {
      if (path === "/dashboard") await signIn(context, server, await cookieOf(session, server));
      await page.goto(path);
      await page.evaluate(() => document.fonts.ready);
      const picture = await page.screenshot({ caret: "hide" });
      const file = `${path.slice(1).replaceAll("/", "-") || "landing"}-${colorScheme}-${name}.png`;
      await writeFile(join(OUTPUT, file), picture);
      pictures.set(`${path} ${colorScheme}`, picture);
    }
    await context.close();
  }
  return pictures;
}

const signIn = (context: BrowserContext, { origin }: Server, value: string) =>
  context.addCookies([{ name: "session", value, url: origin, httpOnly: true, sameSite: "Lax" }]);

/** The share of the pixels that differ, as a browser reads the pictures; 1 where they have other sizes. */
function changedShare(page: Page, before: Buffer, after: Buffer): Promise<number> {
  const urls = [before, after].map((each) => `data:image/png;base64,${each.toString("base64")}`);
  return page.evaluate(async (sources) => {
    const [one, other] = await Promise.all(
      sources.map(async (source) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext("2d");
        context?.drawImage(image, 0, 0);
        return new Uint32Array(context?.getImageData(0, 0, image.width, image.height).data.buffer ?? []);
      }),
    );
    if (!one || one.length !== other?.length) return 1;
    return one.filter((pixel, index) => pixel !== other[index]).length / one.length;
  }, urls);
}

const folder = await mkdtemp(join(tmpdir(), "restyle-"));
const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
try {
  await mkdir(OUTPUT, { recursive: true });
  if (!(await isBuilt()) && (await build()) !== 0) throw new Error("There is no build to compare with.");
  const database = await databaseServer();
  stops.push(database.stop);
  const db = connect(await freshDatabase());
  const databaseUrl = String(db.options.connectionString);
  stops.push(() => db.end());
  const browser = await chromium.launch(chromiumOptions());
  stops.push(() => browser.close());
  const before = await startServer({ databaseUrl });
  stops.push(before.stop);
  const old = await picturesOf(browser, before, db, "before");
  say(`${old.size} pictures of the pages as they are`);

  await copyProject(folder);
  for (const step of stepsOf(await readFile(join(ROOT, "docs", "extending.md"), "utf8")))
    if (step.kind === "change" && step.path === "app/theme.css") await apply(folder, step);
  say("the theme is pasted");
  await run("npm", ["test", "--", "unit", "theme"], folder);
  say("npm test -- unit theme: every pair of colours can be read");
  await run("env", ["NODE_ENV=production", "npm", "run", "build"], folder);
  say("built");
  const after = await startServer({ databaseUrl, root: folder });
  stops.push(after.stop);
  const restyled = await picturesOf(browser, after, db, "after");

  const page = await browser.newPage();
  for (const [name, picture] of old) {
    const share = await changedShare(page, picture, restyled.get(name) ?? Buffer.alloc(0));
    say(`${name}: ${Math.round(share * 100)} % of the pixels have changed`);
    if (share < LEAST_CHANGED) throw new Error(`The theme has not reached ${name}.`);
  }
  say("done");
} finally {
  for (const stop of stops.reverse()) await stop();
}
