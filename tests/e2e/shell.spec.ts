import { navigationFor } from "@/lib/product";
import { expectAccessible } from "./support/axe";
import { UNREACHABLE } from "./support/complaints";
import { openAccountMenu, signOut } from "./support/forms";
import { openSettled } from "./support/settled";
import { expect, test } from "./support/test";

const NARROW = { width: 360, height: 640 };

test("on a phone the menu of the account holds the navigation, and closes behind a choice", async ({
  openSignedIn,
}) => {
  const { page } = await openSignedIn(undefined, { viewport: NARROW });
  await openSettled(page, "/dashboard");
  await expect(page.getByRole("link", { name: "Security" })).toBeHidden();
  await openAccountMenu(page);
  const navigation = page.getByRole("navigation", { name: "Account" });
  await expect(navigation.getByRole("link")).toHaveCount(navigationFor("user").length);
  await expect(page.getByRole("button", { name: "Dark" })).toBeInViewport({ ratio: 1 });
  await expectAccessible(page, "the menu of the account");
  await navigation.getByRole("link", { name: "Security" }).click();
  await expect(page).toHaveURL("/security");
  await expect(navigation).toBeHidden();
});

test("the menu of the account is opened and left by keyboard", async ({ openSignedIn }) => {
  const { page } = await openSignedIn();
  await openSettled(page, "/dashboard");
  const account = page.getByRole("button", { name: "Account: Ada Lovelace" });
  await account.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "System" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "System" })).toBeHidden();
  await expect(account).toBeFocused();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  test(`a theme is chosen and remembered ${how} JavaScript, and nothing else of the page changes`, async ({
    openSignedIn,
  }) => {
    const { page } = await openSignedIn(undefined, { javaScriptEnabled, colorScheme: "light" });
    if (javaScriptEnabled) await openSettled(page, "/security");
    else await page.goto("/security");
    const ground = () => page.locator("html").evaluate((html) => getComputedStyle(html).colorScheme);
    expect(await ground()).toBe("light dark");
    await openAccountMenu(page);
    const remembered = page.waitForResponse(/\/api\/theme$/);
    await page.getByRole("button", { name: "Dark" }).click();
    await remembered;
    await expect.poll(ground).toBe("dark");
    await expect(page).toHaveURL("/security");
    await page.goto("/dashboard");
    expect(await ground()).toBe("dark");
    await openAccountMenu(page);
    await expect(page.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
  });
}

test("without a choice the theme is the one of the device, and a choice wins over it", async ({ open }) => {
  const { page, context } = await open(undefined, { colorScheme: "dark" });
  const colors = () =>
    page.locator("html").evaluate((html) => getComputedStyle(html).getPropertyValue("--background"));
  await page.goto("/login");
  const dark = await colors();
  await page.emulateMedia({ colorScheme: "light" });
  const light = await colors();
  expect(light).not.toBe(dark);
  for (const [theme, expected] of [
    ["dark", [dark, dark]],
    ["light", [light, light]],
    ["system", [light, dark]],
  ] as const) {
    await context.addCookies([{ name: "theme", value: theme, url: page.url() }]);
    const seen: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto("/login");
      seen.push(await colors());
    }
    expect(seen, theme).toEqual(expected);
  }
});

test("the font is ours, and its fallback as wide", async ({ open }) => {
  const { page } = await open();
  const fonts: string[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() === "font") fonts.push(response.url());
  });
  await openSettled(page, "/login");
  await page.evaluate(() => document.fonts.ready);
  expect(fonts).toHaveLength(1);
  expect(fonts[0]).toContain(`${new URL(page.url()).origin}/_next/static/media/`);
});

test("offline, a bar says so, and the page stays when a link is pressed", async ({
  openSignedIn,
  complaints,
}) => {
  complaints.expect(UNREACHABLE);
  const { page, context } = await openSignedIn();
  await openSettled(page, "/dashboard");
  await context.setOffline(true);
  const bar = page.getByRole("status").filter({ hasText: /^You’re offline\. .* at \d\d:\d\d\.$/ });
  await expect(bar).toBeInViewport({ ratio: 1 });
  await expectAccessible(page, "/dashboard, offline");
  await page.getByRole("link", { name: "Security" }).click();
  await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
  await context.setOffline(false);
  await expect(bar).toHaveCount(0);
  await page.getByRole("link", { name: "Security" }).click();
  await expect(page).toHaveURL("/security");
});

for (const viewport of [NARROW, { width: 1280, height: 800 }])
  test(`a link says that its page is on the way, when that takes a while, ${viewport.width} px wide`, async ({
    openSignedIn,
  }) => {
    const { page } = await openSignedIn(undefined, { viewport });
    await openSettled(page, "/dashboard");
    if (viewport === NARROW) await openAccountMenu(page);
    let letThrough = () => {};
    const held = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    await page.route("/security?_rsc=*", async (route) => {
      await held;
      await route.continue();
    });
    const link = page.getByRole("link", { name: "Security" });
    await link.click();
    await expect(link.locator("span span")).toHaveCSS("animation-name", "none");
    letThrough();
    await expect(page).toHaveURL("/security");
    await expect(link.locator("span span")).toHaveCount(0);
  });

test("signing out from a phone", async ({ openSignedIn }) => {
  const { page } = await openSignedIn(undefined, { viewport: NARROW });
  await page.goto("/security");
  await signOut(page);
  await expect(page).toHaveURL("/login?signed_out=1");
});
