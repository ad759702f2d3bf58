import { expect, test } from "vitest";
import { initialsOf } from "@/app/_components/ui/avatar";

test.each([
  ["Ada Lovelace", "AL"],
  ["Ada", "A"],
  ["  ada   king  lovelace ", "AL"],
  ["ada@example.com", "A"],
  ["Élodie Ångström", "ÉÅ"],
  ["明 王", "明王"],
  ["𝒜da", "𝒜"],
  ["(the) -- !", "?"],
  ["", "?"],
])("the avatar of %j is %j", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
