import type { Page } from "@playwright/test";
import { isolate } from "@/app/_components/isolate";
import { navigationFor, PRODUCT } from "@/lib/product";
import { signOutDevice } from "./support/devices";
import { accountMenu } from "./support/forms";
import { addHousehold } from "./support/household";
import { openSettled } from "./support/settled";
import { expect, test } from "./support/test";

type Stop = { control: string; isMarked: boolean; isInView: boolean; isCovered: boolean };

/** Everything on the page that takes the focus, in the order of the document. */
function controlsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const selector = "a[href], button, input:not([type=hidden]), summary, select, textarea, [tabindex='0']";
    return [...document.querySelectorAll<HTMLElement>(selector)]
      .filter((control) => control.checkVisibility({ visibilityProperty: true }) && control.tabIndex >= 0)
      .map((control) => control.innerText.trim() || control.getAttribute("aria-label") || control.id);
  });
}

/** Goes through the page with the Tab key until the focus leaves it. */
async function walk(page: Page): Promise<Stop[]> {
  const stops: Stop[] = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const control = document.activeElement;
      if (!(control instanceof HTMLElement) || control === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(control);
      const { top, bottom, left, right } = control.getBoundingClientRect();
      const cover = document
        .elementFromPoint((left + right) / 2, (top + bottom) / 2)
        ?.closest("main [role=status]");
      const isInView = bottom > 0 && top < innerHeight && left >= 0 && right <= innerWidth;
      return {
        control: control.innerText.trim() || control.getAttribute("aria-label") || control.id,
        isMarked: outlineStyle === "solid" && Number.parseFloat(outlineWidth) >= 2,
        isInView,
        isCovered: cover?.contains(control) === false,
      };
    });
    if (!stop || stops.length > 100) return stops;
    stops.push(stop);
  }
}

async function expectEverythingInReach(page: Page, path: string): Promise<void> {
  await openSettled(page, path);
  const controls = await controlsOf(page);
  const stops = await walk(page);
  expect(
    stops.map(({ control }) => control),
    path,
  ).toEqual(controls);
  expect(
    stops.filter(({ isMarked, isInView, isCovered }) => !isMarked || !isInView || isCovered),
    path,
  ).toEqual([]);
}

test("Tab reaches every control of every page, in order, and shows where it is", async ({
  open,
  openSignedIn,
  person,
  db,
}) => {
  const { page: stranger } = await open();
  for (const path of ["/", "/login", "/signup"]) await expectEverythingInReach(stranger, path);
  await addHousehold(db, person);
  const { page } = await openSignedIn();
  for (const path of ["/dashboard", "/security", "/sessions"]) await expectEverythingInReach(page, path);
});

test("in the smallest of windows, a message covers nothing that has the focus", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addHousehold(db, person);
  // A window of 1280 by 1024 pixels, at 400 %.
  const { page } = await openSignedIn(undefined, { viewport: { width: 320, height: 256 } });
  // It stays until it is closed, as a failure does.
  await page.clock.install();
  await openSettled(page, "/sessions");
  await signOutDevice(page, "Work");
  await expect(page.getByText(`Signed out ${isolate("Work")}.`)).toBeInViewport();
  await accountMenu(page).focus();
  const stops = await walk(page);
  expect(stops.length).toBeGreaterThan(8);
  expect(stops.filter(({ isInView, isCovered }) => !isInView || isCovered)).toEqual([]);
});

test("Tab goes through the header as the eye does, narrow or wide", async ({ openSignedIn }) => {
  const { page } = await openSignedIn();
  await page.goto("/dashboard");
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    const controls = await page.locator("header a, header button").evaluateAll((elements) =>
      elements.flatMap((element) => {
        if (!element.checkVisibility()) return [];
        const { top, height, left } = element.getBoundingClientRect();
        return [{ middle: Math.round(top + height / 2), left }];
      }),
    );
    // The name, the pages where there is room for them, and the menu of the account.
    expect(controls).toHaveLength(width < 760 ? 2 : navigationFor("user").length + 2);
    expect(controls).toEqual(controls.toSorted((a, b) => a.middle - b.middle || a.left - b.left));
  }
});

test("the first Tab offers to skip to the content", async ({ openSignedIn }) => {
  const { page } = await openSignedIn();
  await openSettled(page, "/security");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeInViewport();
  await expect(skip).toHaveCSS("padding-left", "16px");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.locator("main :focus")).toHaveCount(1);
});

test("the pages have their names, and moving between them moves nothing else", async ({
  open,
  openSignedIn,
}) => {
  const { page: stranger } = await open();
  const names = {
    "/": `${PRODUCT.name}: ${PRODUCT.tagline}`,
    "/login": `Sign in · ${PRODUCT.name}`,
    "/signup": `Sign up · ${PRODUCT.name}`,
  };
  for (const [path, name] of Object.entries(names)) {
    await stranger.goto(path);
    await expect(stranger).toHaveTitle(name);
  }
  const { page } = await openSignedIn();
  await openSettled(page, "/dashboard");
  await expect(page.getByRole("navigation").getByRole("link", { name: "Overview" })).toHaveAttribute(
    "aria-current",
    "page",
  );
  // Where the colours are forced, a transparent line is drawn, too, and would mark them all.
  await expect(page.getByRole("link", { name: "Security" })).toHaveCSS("outline-style", "none");
  await page.getByRole("link", { name: "Security" }).press("Enter");
  await expect(page).toHaveTitle(`Security · ${PRODUCT.name}`);
  await expect(page.getByRole("navigation").getByRole("link", { name: "Security" })).toHaveAttribute(
    "aria-current",
    "page",
  );
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});
