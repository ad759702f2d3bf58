import type { Page } from "@playwright/test";
import { REFUSED } from "./support/complaints";
import { accountMenu } from "./support/forms";
import { addHousehold } from "./support/household";
import { openSettled } from "./support/settled";
import { expect, test } from "./support/test";

const PUBLIC = ["/", "/login", "/login?next=%2Fsessions&signed_out=1", "/signup"];
const OWN = [
  "/",
  "/dashboard",
  "/security",
  "/security/delete",
  "/activity",
  "/sessions/api",
  "/nowhere",
  "/sessions",
];

/** How far things have moved by themselves since the page began: the "cumulative layout shift". */
async function shiftOf(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean };
        let sum = 0;
        const add = (entries: PerformanceEntry[]) => {
          for (const { value, hadRecentInput } of entries as Shift[]) if (!hadRecentInput) sum += value;
        };
        const observer = new PerformanceObserver((list) => add(list.getEntries()));
        observer.observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() =>
          setTimeout(() => {
            add(observer.takeRecords());
            resolve(sum);
          }),
        );
      }),
  );
}

async function expectSteady(page: Page, path: string): Promise<void> {
  await openSettled(page, path);
  expect(await shiftOf(page), `layout shift of ${path}`).toBeLessThan(0.01);
  await expectNoWider(page, path);
}

/** As much space between letters, words and lines as people may want: WCAG 2.2, 1.4.12. */
async function spaceOut(page: Page): Promise<void> {
  await wear(
    page,
    "* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important; line-height: 1.5 !important }",
  );
}

/** Sign out is in sight, or in the menu of the account, which is. */
async function expectWayOut(page: Page): Promise<void> {
  const account = accountMenu(page);
  const isBehind = await account.isVisible();
  if (isBehind) {
    await expect(account).toBeInViewport({ ratio: 1 });
    await account.click();
  }
  await expect(page.getByRole("button", { name: "Sign out", exact: true })).toBeInViewport({ ratio: 1 });
  if (isBehind) await page.keyboard.press("Escape");
}

async function expectNoWider(page: Page, path: string): Promise<void> {
  const { content, window } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  expect(content, `width of ${path}`).toBeLessThanOrEqual(window);
}

/** The words that are broken over two lines. */
function brokenWords(page: Page): Promise<string[]> {
  return page.locator("main").evaluate((main) => {
    const broken: string[] = [];
    const range = document.createRange();
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode as Text;
      if (!node.parentElement?.checkVisibility() || node.parentElement.closest(".sr-only")) continue;
      for (const { 0: word, index } of node.data.matchAll(/[\p{L}\p{N}]+/gu)) {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        // What fills a line alone can only be broken.
        if (lines.size > 1 && word.length < 30) broken.push(word);
      }
    }
    return broken;
  });
}

test("a font that arrives late moves nothing", async ({ open }) => {
  for (const path of ["/", "/login"]) {
    const { page } = await open(undefined, { viewport: { width: 320, height: 720 } });
    let release = () => {};
    const isWanted = new Promise<void>((resolve) => {
      void page.route(/\.woff2/, (route) => {
        release = () => void route.continue();
        resolve();
      });
    });
    await page.goto(path, { waitUntil: "commit" });
    await isWanted;
    // The page is shown without it by then.
    await page.waitForFunction(() => performance.now() > 500 && document.querySelector("h1"));
    release();
    await page.waitForLoadState("load");
    expect(await shiftOf(page), `layout shift of ${path}`).toBeLessThan(0.01);
  }
});

for (const width of [320, 1280]) {
  test(`at ${width} px nothing jumps, nothing is wider than the window, and Sign out is at most one press away`, async ({
    open,
    openSignedIn,
    person,
    db,
    complaints,
  }) => {
    // The page that is not there.
    complaints.expect(REFUSED);
    const viewport = { width, height: 720 };
    const { page: stranger } = await open(undefined, { viewport });
    for (const path of PUBLIC) await expectSteady(stranger, path);
    await addHousehold(db, person);
    await db.query("UPDATE users SET name = repeat('W', 60) WHERE id = $1", [person.id]);
    const { page } = await openSignedIn(undefined, { viewport });
    for (const path of OWN) {
      await expectSteady(page, path);
      await expectWayOut(page);
      await spaceOut(page);
      await expectNoWider(page, `${path}, spaced out`);
    }
    await page.getByRole("button", { name: "Sign out all others…" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeInViewport({ ratio: 1 });
    expect((await dialog.boundingBox())?.x, "margin of the dialog").toBeGreaterThanOrEqual(16);
  });
}

/** Adds a style sheet of the reader's own. */
async function wear(page: Page, css: string): Promise<void> {
  await page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets.push(sheet);
  }, css);
}

for (const width of [360, 1280]) {
  test(`at ${width} px pages work from right to left, with text twice as large, in forced colours and on paper`, async ({
    openSignedIn,
    person,
    db,
    complaints,
  }) => {
    complaints.expect(REFUSED);
    await addHousehold(db, person);
    await db.query("UPDATE users SET role = 'admin' WHERE id = $1", [person.id]);
    const { page } = await openSignedIn(undefined, { viewport: { width, height: 720 } });
    for (const path of [...OWN.slice(1), "/admin", `/admin/${person.id}`, "/sessions/history"]) {
      await openSettled(page, path);
      await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
      await expectNoWider(page, `${path}, from right to left`);
      const title = await page.locator("h1").boundingBox();
      const main = await page.locator("main").boundingBox();
      const toTheEnd = (main?.x ?? 0) + (main?.width ?? 0) - (title?.x ?? 0) - (title?.width ?? 0);
      expect(toTheEnd, `${path}: the title stands at the right`).toBeLessThan(60);
      await page.evaluate(() => document.documentElement.removeAttribute("dir"));

      await wear(page, "html { font-size: 200% }");
      await expectNoWider(page, `${path}, twice as large`);
      await expect(page.locator("h1")).toBeVisible();
      await page.evaluate(() => document.adoptedStyleSheets.splice(0));

      await page.emulateMedia({ forcedColors: "active" });
      const invisible = await page
        .locator("main button:visible:not(.moment), main a.ui-button:visible")
        .evaluateAll((buttons) =>
          buttons
            .filter((button) => {
              const { borderStyle, borderWidth } = getComputedStyle(button);
              return !button.textContent?.trim() ? false : borderStyle === "none" || borderWidth === "0px";
            })
            .map((button) => button.textContent),
        );
      expect(invisible, `${path}: buttons without an edge in forced colours`).toEqual([]);
      await page.emulateMedia({ forcedColors: "none", media: "print" });
      await expect(page.getByRole("navigation", { name: "Account" }).first()).toBeHidden();
      await expect(page.locator("h1")).toBeVisible();
      await page.emulateMedia({ media: "screen" });
    }
  });
}

for (const width of [320, 360, 640, 700, 768, 1280, 1920]) {
  test(`at ${width} px no word of the devices is broken, and nothing is wider than the window`, async ({
    openSignedIn,
    person,
    db,
  }) => {
    await addHousehold(db, person);
    const { page } = await openSignedIn(undefined, { viewport: { width, height: 720 } });
    for (const path of ["/sessions", "/sessions/history"]) {
      await openSettled(page, path);
      expect(await brokenWords(page), path).toEqual([]);
      await expectNoWider(page, path);
    }
  });
}

test("times are told in the language of the page and the zone of the reader", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addHousehold(db, person);
  for (const [locale, timezoneId, zone] of [
    ["de-DE", "Asia/Tokyo", "GMT+9"],
    ["ar-EG", "America/Los_Angeles", /P[DS]T/],
  ] as const) {
    const { page } = await openSignedIn(undefined, { locale, timezoneId });
    await expectSteady(page, "/sessions/history");
    const time = page.getByRole("button", { name: "1 hour ago" }).first();
    await expect(time).toBeVisible();
    await time.focus();
    await expect(page.getByRole("tooltip")).toHaveText(/^[A-Z][a-z]+ \d+, \d{4} at \d+:\d\d:\d\d/);
    await expect(page.getByRole("tooltip")).toContainText(zone);
  }
});
