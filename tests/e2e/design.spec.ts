import { databaseServer, freshDatabase } from "../support/database/database";
import { startServer } from "../support/http/server";
import { expectAccessible } from "./support/axe";
import { REFUSED } from "./support/complaints";
import { openSettled } from "./support/settled";
import { expect, test } from "./support/test";

test("every primitive is accessible in every state and theme, and wide or narrow nothing is cut off", async ({
  open,
}) => {
  const { stop: stopDatabase } = await databaseServer();
  const server = await startServer({
    databaseUrl: await freshDatabase(),
    env: { LATCHKEY_PREVIEW: "1" },
  });
  const { page } = await open(undefined, { baseURL: server.origin });
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    for (const dir of ["ltr", "rtl"]) {
      await openSettled(page, "/design");
      await page.evaluate((value) => {
        document.documentElement.dir = value;
      }, dir);
      const sizes = () =>
        page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      const [content = 0, window = 0] = await sizes();
      expect(content, `${dir} at ${width} px`).toBeLessThanOrEqual(window);
      await expectAccessible(page, `/design, ${dir} at ${width} px`);
    }
  }

  await page.getByRole("button", { name: "Menu" }).click();
  await expect(page.getByRole("button", { name: "Rename" })).toBeInViewport({ ratio: 1 });
  await expectAccessible(page, "/design, a menu");
  await page.keyboard.press("Escape");
  for (const name of ["Dialog", "Sheet"]) {
    await page.getByRole("button", { name }).click();
    await expect(page.getByRole("dialog")).toBeInViewport({ ratio: 1 });
    await expectAccessible(page, `/design, ${name}`);
    await page.mouse.click(5, 5);
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page.getByRole("button", { name })).toBeFocused();
  }
  const tip = page.getByRole("tooltip");
  await page.getByRole("button", { name: "2 minutes ago" }).hover();
  await expect(tip).toBeVisible();
  const [button, words] = await Promise.all([
    page.getByRole("button", { name: "2 minutes ago" }).boundingBox(),
    tip.boundingBox(),
  ]);
  expect(Math.abs((button?.y ?? 0) - (words?.y ?? 0)), "the tooltip is beside its button").toBeLessThan(60);
  await page.mouse.move(0, 0);
  await expect(tip).toBeHidden();
  await page.getByRole("button", { name: "2 minutes ago" }).focus();
  await expect(tip).toBeVisible();
  await expectAccessible(page, "/design, a tooltip");
  await page.keyboard.press("Escape");
  await expect(tip).toBeHidden();
  await page.getByRole("button", { name: "Toast" }).click();
  await expect(page.getByText("Signed out Safari on iOS.")).toBeVisible();
  await expectAccessible(page, "/design, a toast");

  await server.stop();
  await stopDatabase();
});

test("in production there is no such page", async ({ openSignedIn, complaints }) => {
  complaints.expect(REFUSED);
  const { page } = await openSignedIn();
  const answer = await page.goto("/design");
  expect(answer?.status()).toBe(404);
});
