import "server-only";
import { dictionary } from "@zxcvbn-ts/language-common";
import { BY_HEART } from "./by-heart";
import { MIN_PASSWORD_LENGTH } from "./password-rules";

// The strength of a password in bits: the logarithm of the guesses needed by somebody who knows the usual habits. Common
// passwords, rows of keys, runs, repeats, dates, phrases and substitutions cost next to nothing. The cheapest way to put a
// text together from such pieces counts, as in zxcvbn (Wheeler, USENIX Security 2016). ADR 13 says why it is not zxcvbn.

/** Bits that are enough here: an attacker may try a hundred a day, or pay for an Argon2id hash each. */
export const ENOUGH = 35;

type Piece = { length: number; bits: number };

/** What "password" is called elsewhere. */
const ABROAD = [
  "пароль",
  "contraseña",
  "contrasena",
  "motdepasse",
  "passwort",
  "kennwort",
  "wachtwoord",
  "密码",
  "パスワード",
];
const RANKS = new Map([...dictionary["passwords-common"], ...ABROAD].map((word, index) => [word, index + 1]));
for (const word of ABROAD) RANKS.set(word, 1);
const SHORTEST_WORD = 3;
const LONGEST_WORD = 24;
const BEGINNINGS = new Set([...RANKS.keys()].map((word) => word.slice(0, SHORTEST_WORD)));

/** Digits and signs that stand for letters; `1` and its like for two of them. */
const STANDS_FOR: Record<string, string> = {
  "0": "o",
  "2": "z",
  "3": "e",
  "4": "a",
  "5": "s",
  "6": "g",
  "7": "t",
  "8": "b",
  "9": "g",
  "@": "a",
  "€": "e",
  "£": "l",
  $: "s",
  "+": "t",
  "(": "c",
  "<": "c",
};
const READINGS = ["i", "l"].map(
  (one) => (character: string) => (/[1!|]/.test(character) ? one : (STANDS_FOR[character] ?? character)),
);

/** The readings of a text once the usual substitutions are undone, itself first; a character of it for each of its own. */
export function readingsOf(characters: string[]): string[][] {
  const readings = READINGS.map((read) => characters.map(read));
  return readings.every((reading) => reading.every((each, index) => each === characters[index]))
    ? [characters]
    : [characters, ...readings];
}

function bitsOfCharacter(character: string): number {
  if (character >= "a" && character <= "z") return 4;
  if (character >= "0" && character <= "9") return 3;
  return 5;
}

/** Common words and those of `own` that begin at `start`. */
function words(readings: string[][], start: number, own: string[]): Piece[] {
  const found: Piece[] = [];
  for (const [index, reading] of readings.entries()) {
    const beginning = reading.slice(start, start + SHORTEST_WORD).join("");
    const likely = own.filter((word) => word.startsWith(beginning));
    if (likely.length === 0 && !BEGINNINGS.has(beginning)) continue;
    let word = beginning;
    for (
      let length = SHORTEST_WORD;
      length <= LONGEST_WORD && start + length <= reading.length;
      length += 1
    ) {
      const rank = likely.includes(word) ? 1 : RANKS.get(word);
      if (rank) found.push({ length, bits: Math.log2(rank) + 1 + Math.min(index, 1) });
      word += reading[start + length] ?? "";
    }
  }
  return found;
}

/** Characters that each follow the one before by the same small step, or stay the same. */
function run(codes: number[], start: number): Piece[] {
  const step = (codes[start + 1] ?? Number.NaN) - (codes[start] ?? 0);
  if (!(Math.abs(step) <= 3)) return [];
  let length = 2;
  while ((codes[start + length] ?? Number.NaN) - (codes[start + length - 1] ?? 0) === step) length += 1;
  return length < 3 ? [] : [{ length, bits: 7 }];
}

function byHeart(readings: string[][], start: number): Piece[] {
  return readings.flatMap((reading, index) =>
    BY_HEART.flatMap(({ text, shortest, bits, places }) => {
      const found = places.get(reading.slice(start, start + shortest).join("")) ?? [];
      return found.map((at) => {
        let length = shortest;
        while (start + length < reading.length && text[at + length] === reading[start + length]) length += 1;
        return { length, bits: bits + Math.min(index, 1) };
      });
    }),
  );
}

function date(characters: string[], start: number): Piece[] {
  const text = characters.slice(start, start + 8).join("");
  const isDate =
    /^((19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])|([0-2]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d)/.test(text);
  if (isDate) return [{ length: 8, bits: 14 }];
  return /^(19|20)\d\d/.test(text) ? [{ length: 4, bits: 6 }] : [];
}

/** What stood there before: right before it, as in a block that is repeated, or further back. */
function repeat(codes: number[], start: number): Piece[] {
  let best: Piece = { length: 0, bits: 0 };
  for (let from = 0; from < start; from += 1) {
    let length = 0;
    while (start + length < codes.length && codes[from + length] === codes[start + length]) length += 1;
    if (length > best.length) best = { length, bits: from + length >= start ? 3 : 6 };
    if (start + length === codes.length) break;
  }
  return best.length < 3 ? [] : [best];
}

/** The bits of the cheapest way to put the characters together. */
function cheapest(characters: string[], own: string[]): number {
  const readings = readingsOf(characters);
  const codes = characters.map((character) => character.codePointAt(0) ?? 0);
  const best: number[] = Array(characters.length + 1).fill(Number.POSITIVE_INFINITY);
  best[0] = 0;
  for (const [start, character] of characters.entries()) {
    const soFar = best[start] ?? 0;
    const pieces = [
      { length: 1, bits: bitsOfCharacter(character) },
      ...words(readings, start, own),
      ...run(codes, start),
      ...byHeart(readings, start),
      ...date(characters, start),
      ...repeat(codes, start),
    ];
    // A part of a piece costs no more than all of it.
    for (const { length, bits } of pieces)
      for (let end = start + 1; end <= start + length; end += 1)
        best[end] = Math.min(best[end] ?? 0, soFar + bits);
  }
  return best[characters.length] ?? 0;
}

/** Whether a text is one block again and again, which is no more than the block. */
function isRepeated(characters: string[], longestBlock: number): boolean {
  for (let block = 1; block <= Math.min(longestBlock, characters.length / 2); block += 1)
    if (characters.every((character, index) => character === characters[index % block])) return true;
  return false;
}

const isLetter = (character: string) => /[\p{L}\p{N}]/u.test(character);

function bitsOf(text: string[], own: string[]): number {
  const plain = text.filter(isLetter);
  const signs = new Set(text.filter((character) => !isLetter(character)));
  if (
    [text, plain]
      .flatMap(readingsOf)
      .some((each) => each.length > 1 && isRepeated(each, MIN_PASSWORD_LENGTH - 1))
  )
    return 0;
  const every = (remainder: number) => text.filter((_, index) => index % 2 === remainder);
  return Math.min(
    cheapest(text, own),
    cheapest([...text].reverse(), own) + 2,
    // Symbols between the letters: which ones, and a rule for where they are.
    cheapest(plain, own) + 5 * signs.size,
    // Two interleaved texts, or each character twice.
    cheapest(every(0), own) + cheapest(every(1), own) + 2,
  );
}

/** Longest part that is looked at as one, so that the time grows with the length and not with its square. */
const LONGEST_PART = 64;

/**
 * The bits that it takes to guess a password. `own` are words in lower case that come to mind for this person and this
 * service. A long one is as good as the best 64 characters of it: what follows can only add to them.
 */
export function guessability(password: string, own: string[] = []): number {
  const text = [...password.normalize("NFKC").toLowerCase()];
  let best = 0;
  for (let start = 0; start < text.length && best < ENOUGH; start += LONGEST_PART)
    best = Math.max(best, bitsOf(text.slice(start, start + LONGEST_PART), own));
  return best;
}
