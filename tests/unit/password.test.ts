import { hash } from "@node-rs/argon2";
import { describe, expect, test } from "vitest";
import { hashPassword, needsRehash, passwordProblem, verifyPassword } from "@/lib/account/password";
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "@/lib/account/password-rules";
import { within } from "../support/timing";

const OWNER = { email: "grace.hopper@navy.example", name: "Grace Brewster Hopper" };
const problem = (password: string) => passwordProblem(password, OWNER);

describe("a new password is taken", () => {
  test.each([
    ["a few words", "seventeen green umbrellas"],
    ["small letters alone", "zqhwkvjxbrtmplg"],
    ["spaces", "a b c d e f g h i j"],
    ["15 spaces, since there are no rules of composition", " ".repeat(15)],
    ["emoji, counted as people count them", "🔑".repeat(15)],
    ["other alphabets", "корова перепрыгнула луну"],
    ["the longest", `${"aB3$ ".repeat(51)}x`],
  ])("%s", (_, password) => {
    expect(problem(password)).toBeNull();
  });
});

describe("a new password is refused", () => {
  test.each([
    ["one character short", "zqhwkvjxbrtmpl", /15 characters or more/],
    ["14 emoji, though 28 units", "🔑".repeat(14), /15 characters or more/],
    ["too long", "x y ".repeat(65), /256 characters or fewer/],
    ["on the lists of attackers", "passwordpassword", /lists/],
    ["two common ones end to end", "iloveyouprincess", /lists/],
    ["common ones in disguise of signs", "Password-123456!!", /lists/],
    ["its owner's address", "grace.hopper@navy.example", /own name/],
    ["its owner's name within", "my name is Hopper ok", /own name/],
    ["its owner's name with accents of case", "BREWSTER likes tea 9", /own name/],
    ["with a NUL", "seventeen green\0umbrellas", /NUL/],
  ])("%s", (_, password, reason) => {
    expect(problem(password)).toMatch(reason);
  });

  test("of the exact numbers that the forms explain", () => {
    const random = "qzjxkvbwymfpgh8";
    expect(random).toHaveLength(MIN_PASSWORD_LENGTH);
    expect(problem(random)).toBeNull();
    expect(problem(random.slice(1))).not.toBeNull();
    const long = random.repeat(20);
    expect(problem(long.slice(0, MAX_PASSWORD_LENGTH))).toBeNull();
    expect(problem(long.slice(0, MAX_PASSWORD_LENGTH + 1))).not.toBeNull();
  });

  test("in no time, even where many common words could begin anywhere", () => {
    const startedAt = performance.now();
    for (const part of ["love", "abc", "123", "aaa", "password1"]) problem(part.repeat(256).slice(0, 256));
    expect(performance.now() - startedAt).toBeLessThan(within(1_000));
  });
});

describe("hashes", () => {
  test("are Argon2id with the parameters of OWASP, and differ for one password", async () => {
    const [first, second] = await Promise.all([
      hashPassword("seventeen green"),
      hashPassword("seventeen green"),
    ]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(second).not.toBe(first);
    expect(needsRehash(first)).toBe(false);
  });

  test("fit the password as it was typed, to the last character", async () => {
    const long = "x".repeat(99);
    const stored = await hashPassword(`${long}a`);
    expect(await verifyPassword(stored, `${long}a`)).toBe(true);
    expect(await verifyPassword(stored, `${long}b`)).toBe(false);
    expect(await verifyPassword(stored, `${long}A`)).toBe(false);
    expect(await verifyPassword(stored, `${long}a `)).toBe(false);
    expect(await verifyPassword(stored, "")).toBe(false);
  });

  test("do not depend on how a keyboard composes accents", async () => {
    const stored = await hashPassword("caf\u00e9 caf\u00e9 caf\u00e9");
    expect(await verifyPassword(stored, "cafe\u0301 cafe\u0301 cafe\u0301")).toBe(true);
  });

  test("of no account fit nothing", async () => {
    expect(await verifyPassword(null, "")).toBe(false);
    expect(await verifyPassword(null, "seventeen green umbrellas")).toBe(false);
  });

  test.each([
    ["less memory", { memoryCost: 8 * 1024, timeCost: 2, parallelism: 1 }],
    ["fewer passes", { memoryCost: 19 * 1024, timeCost: 1, parallelism: 1 }],
    ["more lanes", { memoryCost: 19 * 1024, timeCost: 2, parallelism: 2 }],
  ])("made with %s are due to be made anew", async (_, options) => {
    expect(needsRehash(await hash("x", options))).toBe(true);
  });
});

test("A62 a flood of passwords waits in line, and beyond a hundred it is turned away", async () => {
  const stored = await hashPassword("seventeen green umbrellas");
  const flood = Array.from({ length: 150 }, async () => verifyPassword(stored, "wrong"));
  const results = await Promise.allSettled(flood);
  const turnedAway = results.filter((each) => each.status === "rejected");
  expect(turnedAway.length).toBeGreaterThan(40);
  expect(turnedAway.length).toBeLessThanOrEqual(50);
  for (const { reason } of turnedAway) expect(reason).toMatchObject({ code: "unavailable", retryAfter: 5 });
  // The line is empty again.
  expect(await verifyPassword(stored, "seventeen green umbrellas")).toBe(true);
});
