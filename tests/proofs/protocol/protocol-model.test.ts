import { expect, test } from "vitest";
import { RULES, type Rule } from "./protocol-model";
import { search } from "./protocol-search";

// docs/revocation.md, "Plain steps", searched to the end: every order of steps, delays, losses, failures and deaths.

/** Without this nobody is let in, but some ending is never answered. */
const FOR_ANSWERS: Rule[] = ["toldAgain"];
const rules = Object.entries(RULES) as [Rule, string][];
const forSafety = rules.filter(([rule]) => !FOR_ANSWERS.includes(rule));
const forAnswers = rules.filter(([rule]) => FOR_ANSWERS.includes(rule));

test("no check that begins after the answer to an ending accepts", () => {
  const { states, way } = search("let in");
  expect(way).toBeNull();
  // The search has been somewhere.
  expect(states).toBeGreaterThan(10_000);
});

test("every ending is answered, a lease after the last thing that went wrong at the latest", () => {
  const { states, way } = search("never answered");
  expect(way).toBeNull();
  expect(states).toBeGreaterThan(10_000);
});

test.each(forSafety)("an ended session is let in without %s: %s", (rule) => {
  expect(search("let in", [rule]).way?.at(-1)).toMatch(/answer|find nothing to end|hear "proof"/);
});

test.each(forAnswers)("an ending is never answered without %s: %s", (rule) => {
  expect(search("never answered", [rule]).way).not.toBeNull();
});
