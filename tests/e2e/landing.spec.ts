import { expectAccessible } from "./support/axe";
import { openSettled } from "./support/settled";
import { expect, test } from "./support/test";

const STORY = "figure";

test("the story plays by itself, plays again, and needs no script", async ({ open }) => {
  const { page } = await open(undefined, { javaScriptEnabled: false, reducedMotion: "no-preference" });
  await page.goto("/");
  const story = page.locator(STORY);
  const button = story.getByText("Sign out", { exact: true });
  const out = story.getByText("This device was signed out from Chrome on macOS, just now.");
  const opacityOf = (text: typeof out) =>
    text.evaluate((element) => {
      let opacity = 1;
      for (let each: Element | null = element; each; each = each.parentElement)
        opacity *= Number(getComputedStyle(each).opacity);
      return opacity;
    });
  const end = () =>
    story.evaluate((figure) =>
      Promise.all(figure.getAnimations({ subtree: true }).map((each) => each.finished)),
    );
  expect(await opacityOf(button)).toBe(1);
  expect(await opacityOf(out)).toBe(0);
  await end();
  expect(await opacityOf(button)).toBe(0);
  expect(await opacityOf(out)).toBe(1);
  for (let round = 0; round < 2; round += 1) {
    await page.getByText("Replay").click();
    expect(await opacityOf(out)).toBe(0);
    await end();
    expect(await opacityOf(out)).toBe(1);
  }
});

test("without motion the story is a picture of its end, told to screen readers in words", async ({
  open,
}) => {
  const { page } = await open();
  await openSettled(page, "/");
  const story = page.locator(STORY);
  expect(await story.evaluate((figure) => figure.getAnimations({ subtree: true }).length)).toBe(0);
  await expect(story.getByText("Confirmed after 0.1 s.", { exact: true })).toBeVisible();
  await expect(page.getByText("Replay")).toBeHidden();
  await expect(page.getByRole("figure")).toHaveAccessibleName(/the phone shows: “This device was signed out/);
  await expectAccessible(page, "/");
});

test("the theme is chosen before anybody signs in, too", async ({ open }) => {
  const { page } = await open();
  for (const path of ["/", "/login", "/signup"]) {
    await openSettled(page, path);
    await page.getByRole("button", { name: path === "/login" ? "Light" : "Dark" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", path === "/login" ? "light" : "dark");
  }
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("the theme chosen last is the one of the next page, however late the answers come", async ({ open }) => {
  const { page } = await open();
  await openSettled(page, "/login");
  const answers: (() => Promise<void>)[] = [];
  await page.route("**/api/theme", (route) => void answers.push(() => route.continue()));
  for (const name of ["Dark", "Light", "Dark", "Light", "Dark"])
    await page.getByRole("button", { name, exact: true }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await Promise.allSettled(answers.toReversed().map((answer) => answer()));
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
