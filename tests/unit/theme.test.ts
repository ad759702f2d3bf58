import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import postcss, { type Root } from "postcss";
import { describe, expect, test } from "vitest";
import systemTheme from "@/scripts/system-theme";
import { contrast, isColor, linearOf, mix, type Rgb } from "../support/contrast";
import { ROOT } from "../support/http/server";

// What app/theme.css promises: contrast that people can read by (WCAG 2.2, 1.4.3 and 1.4.11), in both themes.

const THEME = readFileSync(join(ROOT, "app/theme.css"), "utf8");

type Tokens = Map<string, string>;

/** The tokens of a theme, as the browser sees them: `.dark` comes on top of `:root`. */
function tokensOf(css: string, theme: "light" | "dark"): Tokens {
  const tokens: Tokens = new Map();
  const apply = (selector: string) =>
    postcss.parse(css).walkRules(selector, (rule) => {
      rule.walkDecls(/^--/, ({ prop, value }) => void tokens.set(prop.slice(2), value));
    });
  apply(":root");
  if (theme === "dark") apply(".dark");
  return tokens;
}

/** `subtle`, the ground of every page, is made of two others; see app/globals.css. */
function colorOf(tokens: Tokens, name: string): Rgb {
  if (name === "subtle") return mix(colorOf(tokens, "background"), colorOf(tokens, "foreground"), 0.02);
  return linearOf(tokens.get(name) ?? "");
}

const GROUNDS = ["background", "subtle", "card", "popover", "muted", "accent"];
const TEXTS: [text: string, grounds: string[]][] = [
  ["foreground", [...GROUNDS, "destructive-tint", "warning-tint", "brass-tint"]],
  ["muted-foreground", GROUNDS],
  ["card-foreground", ["card"]],
  ["popover-foreground", ["popover"]],
  ["primary", ["background", "subtle", "card", "popover", "accent"]],
  ["primary-foreground", ["primary"]],
  ["secondary-foreground", ["secondary"]],
  ["accent-foreground", ["accent"]],
  ["destructive", ["background", "subtle", "card", "popover", "destructive-tint"]],
  ["destructive-foreground", ["destructive"]],
  ["brass", ["card", "brass-tint"]],
  ["online", ["background", "subtle", "card", "popover"]],
  ["warning", ["card", "warning-tint"]],
];
const BORDERS: typeof TEXTS = [
  ["input", ["background", "subtle", "card", "popover"]],
  ["ring", ["background", "subtle", "card", "popover"]],
];

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  const tokens = tokensOf(THEME, theme);
  const pairs = (list: typeof TEXTS) => list.flatMap(([name, grounds]) => grounds.map((on) => [name, on]));

  test.each(pairs(TEXTS))("%s can be read on %s", (name = "", on = "") => {
    expect(contrast(colorOf(tokens, name), colorOf(tokens, on))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(pairs(BORDERS))("the border %s stands out from %s", (name = "", on = "") => {
    expect(contrast(colorOf(tokens, name), colorOf(tokens, on))).toBeGreaterThanOrEqual(3);
  });
});

test("both themes have every colour", () => {
  const [light, dark] = [tokensOf(THEME, "light"), new Set<string>()];
  postcss.parse(THEME).walkRules(".dark", (rule) => {
    rule.walkDecls(/^--/, ({ prop }) => void dark.add(prop.slice(2)));
  });
  const colors = [...light].filter(([, value]) => isColor(value)).map(([name]) => name);
  expect(colors.length).toBeGreaterThan(20);
  expect(colors.filter((name) => !dark.has(name))).toEqual([]);
});

test.each([
  ["#ffffff", "#000000", 21],
  ["#0b5d48", "#ffffff", 7.9],
  ["oklch(1 0 0)", "oklch(0.556 0 0)", 4.73],
  ["oklch(57.7% 0.245 27.325)", "#ffffff", 4.77],
  ["hsl(240 5.9% 10%)", "hsl(0 0% 98%)", 16.97],
])("the contrast of %s and %s is %d", (one, other, expected) => {
  expect(contrast(linearOf(one), linearOf(other))).toBeCloseTo(expected, 1);
});

describe("the theme of the device", () => {
  const plugin = systemTheme();
  const run = (css: string): Root => postcss([plugin]).process(css, { from: undefined }).root as Root;

  test("a pasted .dark block works where no theme is chosen and the device prefers dark, and never on paper", () => {
    const light = ":root { --primary: oklch(0.2 0 0) }";
    const dark = "{ --primary: oklch(0.9 0 0) }";
    const compiled = run(`${light} .dark ${dark}`).toString().replaceAll(/\s+/g, "");
    const expected = `${light} @media screen { .dark ${dark} }
      @media screen and (prefers-color-scheme: dark) { [data-theme="system"] ${dark} }`;
    expect(compiled).toBe(expected.replaceAll(/\s+/g, ""));
  });

  test("rules inside .dark stay what they are", () => {
    const css = ".dark a { color: red }";
    expect(run(css).toString()).toBe(css);
  });
});

test("no component names a colour of its own", () => {
  const files = readdirSync(join(ROOT, "app"), { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(tsx|css)$/.test(path),
  );
  expect(files.length).toBeGreaterThan(40);
  const hues =
    "red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|blue|indigo|violet|purple|fuchsia|pink|rose|slate|gray|zinc|neutral|stone";
  const raw = new RegExp(
    `#[\\da-f]{6}\\b|#[\\da-f]{3}\\b(?!\\w)|\\b(rgb|hsl|oklch|oklab|lab|lch)\\(|\\b(bg|text|border|fill|stroke|ring|outline|decoration|divide|accent)-((${hues})-\\d+|white|black)\\b`,
    "i",
  );
  const naming = files.filter(
    (path) => path !== "theme.css" && raw.test(readFileSync(join(ROOT, "app", path), "utf8")),
  );
  expect(naming).toEqual([]);
});
