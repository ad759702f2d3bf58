import "server-only";
import { hash, type Options, verify } from "@node-rs/argon2";
import { dictionary } from "@zxcvbn-ts/language-common";
import pLimit from "p-limit";
import { Problem } from "@/lib/errors";
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "./password-rules";

// OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane.
const ARGON2ID = 2;
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } satisfies Options;
const PARAMETERS = `$argon2id$v=19$m=${OPTIONS.memoryCost},t=${OPTIONS.timeCost},p=${OPTIONS.parallelism}$`;

// Hashing is the one thing here that takes long. A flood of logins may wait in line, but never for long, and takes at
// most two of the four threads of Node's pool, so that everything else still finds one.
const CONCURRENT_HASHES = 2;
const LONGEST_QUEUE = 100;
const inLine = pLimit(CONCURRENT_HASHES);

async function takingTurns<T>(work: () => Promise<T>): Promise<T> {
  if (inLine.pendingCount >= LONGEST_QUEUE) throw new Problem("unavailable", { retryAfter: 5 });
  return inLine(work);
}

/** How many hashes run and wait, for the metrics. */
export function passwordQueue(): { running: number; waiting: number } {
  return { running: inLine.activeCount, waiting: inLine.pendingCount };
}

/** The one spelling of a password that is hashed: keyboards differ in how they compose accents (NIST 3.1.1.2). */
const normalise = (password: string) => password.normalize("NFC");

/** Argon2id hash in PHC format. Throws `unavailable` when too many are waiting. */
export function hashPassword(password: string): Promise<string> {
  return takingTurns(() => hash(normalise(password), OPTIONS));
}

let unusable: Promise<string> | undefined;

/**
 * Whether a password belongs to a hash. Without a hash (no such account) it takes the same time and answers false, so
 * that nobody can tell the two apart. Throws `unavailable` when too many are waiting.
 */
export function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  return takingTurns(async () => {
    unusable ??= hash(crypto.randomUUID(), OPTIONS);
    const matches = await verify(passwordHash ?? (await unusable), normalise(password));
    return matches && passwordHash !== null;
  });
}

/** Whether a hash was made with other parameters than today's and should be made anew at this login. */
export function needsRehash(passwordHash: string): boolean {
  return !passwordHash.startsWith(PARAMETERS);
}

const COMMON = new Set(dictionary["passwords-common"]);
const LONGEST_COMMON = 24;

/** Whether a text is made of at most `parts` common passwords, end to end. */
function isMadeOfCommon(text: string, parts: number): boolean {
  if (text === "") return true;
  if (parts === 0) return false;
  for (let length = Math.min(text.length, LONGEST_COMMON); length >= 3; length -= 1) {
    if (COMMON.has(text.slice(0, length)) && isMadeOfCommon(text.slice(length), parts - 1)) return true;
  }
  return false;
}

const letters = (text: string) =>
  text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** The words of a person's own address and name that are long enough to matter. */
function ownWords({ email, name }: { email: string; name: string }): string[] {
  const local = email.split("@")[0] ?? "";
  const parts = [...local.split(/[^\p{L}\p{N}]+/u), ...name.split(/\s+/)];
  return [letters(email), letters(local), letters(name), ...parts.map(letters)].filter(
    (word) => word.length >= 4,
  );
}

/** Why a new password cannot be taken, a sentence for its field, or null. `owner` is the person it is for. */
export function passwordProblem(password: string, owner: { email: string; name: string }): string | null {
  const length = [...password.normalize("NFC")].length;
  if (length < MIN_PASSWORD_LENGTH)
    return `Use ${MIN_PASSWORD_LENGTH} characters or more: a few words make a good password.`;
  if (length > MAX_PASSWORD_LENGTH) return `Use ${MAX_PASSWORD_LENGTH} characters or fewer.`;
  if (password.includes("\0")) return "A password cannot contain a NUL character.";
  const plain = letters(password);
  if (COMMON.has(password.toLowerCase()) || (plain !== "" && isMadeOfCommon(plain, 3))) {
    return "This password is on the lists that attackers try first. Choose another one.";
  }
  if (ownWords(owner).some((word) => plain.includes(word)))
    return "Leave your own name and e-mail address out of the password.";
  return null;
}
