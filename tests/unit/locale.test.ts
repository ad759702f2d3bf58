import { expect, test } from "vitest";
import { preferredLocale } from "@/lib/http/locale";

test.each([
  [null, "en"],
  ["", "en"],
  ["de, ar;q=0.9", "en"],
  ["de, en-GB;q=0.8, en-US;q=0.9", "en-US"],
  ["EN-au", "en-AU"],
  ["*, en-GB;q=0", "en"],
  ["english, en_GB, en-GB", "en-GB"],
])("times for Accept-Language %j are written in %s", (header, locale) => {
  expect(preferredLocale(header)).toBe(locale);
});
