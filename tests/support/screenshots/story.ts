import { writeFile } from "node:fs/promises";
import type { Browser, Page } from "@playwright/test";
import sharp from "sharp";
import { signOutButton } from "../../e2e/support/devices";

// The story in one moving picture: a device is signed out on one screen, and leaves on the other.

const SECOND = 1_000;
const LAPTOP = { width: 860, height: 520 };
const PHONE = { width: 300, height: 520 };

type Scene = { laptop: Buffer; phone: Buffer; for: number };

/** Plays the story on two pages that are signed in, and writes it to `<path>-light.webp` and `<path>-dark.webp`. */
export async function tellStory(browser: Browser, laptop: Page, phone: Page, path: string): Promise<void> {
  await laptop.setViewportSize(LAPTOP);
  await phone.setViewportSize(PHONE);
  const scenes: Record<string, Scene[]> = { light: [], dark: [] };
  const scene = async (seconds: number) => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const page of [laptop, phone]) await page.emulateMedia({ colorScheme });
      const [one, other] = [await laptop.screenshot(), await phone.screenshot()];
      scenes[colorScheme]?.push({ laptop: one, phone: other, for: seconds * SECOND });
    }
  };

  await laptop.goto("/sessions");
  await laptop.getByText("Live", { exact: true }).waitFor();
  await phone.goto("/sessions");
  await scene(2);
  const button = signOutButton(laptop, "Safari on iOS");
  await button.hover();
  await scene(1);
  await button.click();
  await scene(1.5);
  await laptop.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await phone.getByText("This device was signed out from").waitFor();
  await laptop.getByText("Device confirmed after").waitFor();
  await laptop.mouse.move(0, 0);
  await scene(4);

  for (const [colorScheme, all] of Object.entries(scenes)) {
    const frames = await framesOf(browser, all, colorScheme);
    const moving = sharp(frames, { join: { animated: true } });
    const picture = moving.webp({ delay: all.map((each) => each.for), loop: 0, quality: 82, effort: 6 });
    await writeFile(`${path}-${colorScheme}.webp`, await picture.toBuffer());
  }
}

/** The two screens of each scene, side by side. */
async function framesOf(browser: Browser, scenes: Scene[], colorScheme: string): Promise<Buffer[]> {
  const width = LAPTOP.width + PHONE.width + 3 * 24;
  const page = await browser.newPage({ viewport: { width, height: LAPTOP.height + 2 * 24 } });
  const frames: Buffer[] = [];
  for (const { laptop, phone } of scenes) {
    const image = (picture: Buffer) => `<img src="data:image/png;base64,${picture.toString("base64")}">`;
    await page.setContent(`
      <style>
        body { display: flex; gap: 24px; margin: 24px; background: ${colorScheme === "dark" ? "#1f2924" : "#dfe6e2"} }
        img { border-radius: 12px; box-shadow: 0 4px 18px #0004 }
        img + img { border-radius: 26px }
      </style>
      ${image(laptop)}${image(phone)}`);
    frames.push(await page.screenshot());
  }
  await page.close();
  return frames;
}
