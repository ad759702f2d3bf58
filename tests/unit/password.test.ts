import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { getPriority } from "node:os";
import { hash } from "@node-rs/argon2";
import { dictionary } from "@zxcvbn-ts/language-common";
import { describe, expect, test } from "vitest";
import { hashPassword, needsRehash, passwordProblem, verifyPassword } from "@/lib/account/password/password";
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "@/lib/account/password/password-rules";
import { DEMO_PASSWORD } from "@/lib/demo";
import { PRODUCT } from "@/lib/product";

const OWNER = { email: "grace.hopper@navy.example", name: "Grace Brewster Hopper" };
/** With the digits that look like its letters. */
const disguised = (name: string) =>
  name.toLowerCase().replaceAll("a", "4").replaceAll("e", "3").replaceAll("o", "0");

const problem = (password: string) => passwordProblem(password, OWNER);

describe("a new password is taken", () => {
  test.each([
    ["a few words", "seventeen green umbrellas"],
    ["that of the demo accounts", DEMO_PASSWORD],
    ["four short words", "kite lamp moss drum"],
    ["four words without spaces", "kitelampmossdrums"],
    ["small letters alone", "zqhwkvjxbrtmplg"],
    ["spaces between letters", "q w z d x k v h i j"],
    ["emoji, counted as people count them", "🔑🌵🎻🚲🍋🧭🐙🎈🧦🪁🌧🥁🧊🦔🪴"],
    ["other alphabets", "корова перепрыгнула луну"],
    ["signs alone", "?]~:%{&}#'=^!*;"],
    ["digits that are no date and no row", "483920174658203"],
    ["a common word among others", "my dog is called rex"],
    ["the product's name among others", `no ${PRODUCT.name} under the old mat`],
    ["something repeated beside what is not", "aaaaaaaaaa qzjxkvbwym"],
    [
      "the longest",
      Array.from({ length: 256 }, (_, n) => String.fromCharCode(33 + ((n * n * 7) % 90))).join(""),
    ],
  ])("%s", (_, password) => {
    expect(problem(password)).toBeNull();
  });
});

describe("a new password is refused", () => {
  test.each([
    ["one character short", "zqhwkvjxbrtmpl", /15 characters or more/],
    ["14 emoji, though 28 units", "🔑".repeat(14), /15 characters or more/],
    ["too long", "x y ".repeat(65), /256 characters or fewer/],
    ["its owner's address", "grace.hopper@navy.example", /your name or email/],
    ["its owner's name within", "my name is Hopper ok", /your name or email/],
    ["its owner's name with accents of case", "BREWSTER likes tea 9", /your name or email/],
    ["its owner's name in disguise", "tea for gr4c3 at h0me", /your name or email/],
    ["its owner's name in signs", "tea for Br3w$ter at 5", /your name or email/],
    ["with a NUL", "seventeen green\0umbrellas", /NUL/],
  ])("%s", (_, password, reason) => {
    expect(problem(password)).toMatch(reason);
  });

  test.each([
    ["a common one twice", "passwordpassword"],
    ["two common ones end to end", "iloveyouprincess"],
    ["common ones in disguise of signs", "Password-123456!!"],
    ["common ones in disguise of letters", "P@ssw0rdP@ssw0rd"],
    ["common ones in more disguise", "$up3r$3cr3tP4$$w0rd"],
    ["a common one backwards", "drowssapdrowssap"],
    ["a common one with a dash between all letters", "p-a-s-s-w-o-r-d-1-2-3"],
    ["a common one with what everybody adds", "thisisapassword1"],
    ["common ones in full-width letters", "ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ"],
    ["a common one of another language", "пароль пароль пароль"],
    ["one character again and again", "aaaaaaaaaaaaaaa"],
    ["one character 256 times", "a".repeat(256)],
    ["15 spaces", " ".repeat(15)],
    ["one emoji again and again", "🔑".repeat(15)],
    ["a block again and again", "latchkeylatchkey"],
    ["a block of random letters twice", "xkvbwymfxkvbwymf"],
    ["a block with spaces between", "windmill windmill windmill"],
    ["a block in two disguises", "W1ndm1llwindmill"],
    ["a block that is counted", "windmill1windmill2"],
    ["a short block 51 times", `${"aB3$ ".repeat(51)}x`],
    ["each character twice", "aabbccddeeffgghh"],
    ["each character thrice", "111222333444555"],
    ["the alphabet", "abcdefghijklmnop"],
    ["the alphabet backwards", "zyxwvutsrqponmlkj"],
    ["the alphabet with spaces", "a b c d e f g h i j"],
    ["another alphabet", "абвгдежзийклмноп"],
    ["digits in a row", "123456789012345"],
    ["every second digit", "2468013579 24680"],
    ["letters and digits in turn", "1a2b3c4d5e6f7g8h"],
    ["a row of keys", "qwertyuiopasdfgh"],
    ["columns of keys", "1qaz2wsx3edc4rfv"],
    ["a row of keys with shift", "!@#$%^&*()_+!@#"],
    ["a row of Russian keys", "йцукенгшщзхъфыва"],
    ["dates", "19900101 19900202"],
    ["a season and a year, twice", "Summer2024Summer2024"],
    ["numbers as words", "onetwothreefourfive"],
    ["months", "january february march"],
    ["the famous passphrase", "correcthorsebatterystaple"],
    ["the famous passphrase with spaces", "correct horse battery staple"],
    ["the famous passphrase with capitals and signs", "Correct-Horse-Battery-Staple!"],
    ["the famous passphrase in disguise", "c0rr3ct h0rs3 b4tt3ry st4pl3"],
    ["a famous sentence", "the quick brown fox jumps"],
    ...[
      "thisisaverylongpassword",
      "iloveyoumorethanlife",
      "gameofthrones2019",
      "harrypotterandtheprisoner",
      "youshallnotpass1",
      "winteriscoming123",
      "expectopatronum1",
      "elementarymydearwatson",
      "supercalifragilisticexpialidocious",
      "my very secure password",
      "minimum15characters",
      "3141592653589793",
    ].map((password): [string, string] => [password, password]),
    ["the product's name and a year", `${PRODUCT.name}2026!${PRODUCT.name}2027!`],
    ["the product's name in disguise", `${disguised(PRODUCT.name)}-1234567890123`],
    ["the service's host", "example-example-com"],
  ])("for being easy to guess: %s", (_, password) => {
    expect(problem(password)).toMatch(/easy to guess.+four words/);
  });

  test("of the exact numbers that the forms explain", () => {
    const random = "qzjxkvbwymfpgh8";
    expect(random).toHaveLength(MIN_PASSWORD_LENGTH);
    expect(problem(random)).toBeNull();
    expect(problem(random.slice(1))).not.toBeNull();
    const long = createHash("shake256", { outputLength: 150 }).update("long").digest("hex");
    expect(problem(long.slice(0, MAX_PASSWORD_LENGTH))).toBeNull();
    expect(problem(long.slice(0, MAX_PASSWORD_LENGTH + 1))).not.toBeNull();
  });

  test("in no time, whatever it is made of", () => {
    const parts = [
      "love",
      "abc",
      "123",
      "aaa",
      "password1",
      "thequickbrownfoxjumpsoverthelazydog",
      "4@8({[</369&#",
      "ab",
      "qwerty",
    ];
    const startedAt = performance.now();
    for (const part of parts) problem(part.repeat(256).slice(0, 256));
    for (const part of parts) problem(part.repeat(30).slice(0, 63) + "~".repeat(193));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("never for four words drawn at random from a list for passphrases", () => {
    const words = dictionary["diceware-common"].filter((word) => word.length >= 4);
    const at = (n: number) => words[(n * 2_654_435_761) % words.length] ?? "";
    const refused: string[] = [];
    for (let n = 0; n < 500; n += 1) {
      const password = [0, 1, 2, 3].map((word) => at(4 * n + word)).join(" ");
      if (problem(password)) refused.push(password);
    }
    expect(refused).toEqual([]);
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

  test("are all made, however many are wanted at once, and a text that is no hash stops none", async () => {
    const wanted = Array.from({ length: 6 }, (_, n) => hashPassword(`seventeen green ${n}`));
    await expect(verifyPassword("not a hash", "seventeen green")).rejects.toThrow();
    expect(new Set(await Promise.all(wanted)).size).toBe(6);
  });

  test("are made in threads that give way to the others", async ({ skip }) => {
    skip(process.platform !== "linux", "only Linux has priorities of threads");
    await hashPassword("seventeen green");
    const ofThreads = readdirSync("/proc/self/task").map((thread) => getPriority(Number(thread)));
    expect(Math.max(...ofThreads)).toBe(Math.min(19, getPriority() + 10));
  });

  test.each([
    ["less memory", { memoryCost: 8 * 1024, timeCost: 2, parallelism: 1 }],
    ["fewer passes", { memoryCost: 19 * 1024, timeCost: 1, parallelism: 1 }],
    ["more lanes", { memoryCost: 19 * 1024, timeCost: 2, parallelism: 2 }],
  ])("made with %s are due to be replaced", async (_, options) => {
    expect(needsRehash(await hash("x", options))).toBe(true);
  });
});
