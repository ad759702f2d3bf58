import { join } from "node:path";
import { icons } from "@iconify-json/lucide";
import { expect, test } from "vitest";
import { ICON_NAMES } from "@/app/_components/ui/icon-names";
import { ROOT } from "../support/http/server";

const SHEET = join(ROOT, "app", "_components", "ui", "icons.svg");

/** What `.ui-icon` sets: as attributes, no page could change it. */
const STROKE =
  / (?:fill="none"|stroke="currentColor"|stroke-linecap="round"|stroke-linejoin="round"|stroke-width="2")/g;

test("icons.svg has Lucide’s drawing of every icon; `npm test -- unit icons -u` draws it", async () => {
  const symbols = ICON_NAMES.map((name) => {
    const drawing = icons.icons[name];
    if (!drawing) throw new Error(`Lucide has no icon ${name}.`);
    return `  <symbol id="${name}" viewBox="0 0 24 24">${drawing.body.replace(STROKE, "")}</symbol>\n`;
  });
  const sheet = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">
  <title>Lucide (ISC), https://lucide.dev/license</title>
${symbols.join("")}</svg>
`;
  await expect(sheet).toMatchFileSnapshot(SHEET);
});
