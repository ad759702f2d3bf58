import "server-only";
import { randomBytes } from "node:crypto";
import type { Options } from "@node-rs/argon2";
import { env } from "@/lib/env";
import { PRODUCT } from "@/lib/product";
import { ENOUGH, guessability, readingsOf } from "./guessability";
import { argon2Hash, argon2Verify } from "./hashing";
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "./password-rules";

// OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane.
const ARGON2ID = 2;
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } satisfies Options;
const PARAMETERS = `$argon2id$v=19$m=${OPTIONS.memoryCost},t=${OPTIONS.timeCost},p=${OPTIONS.parallelism}$`;

/** The one spelling of a password that is hashed: keyboards differ in how they compose accents (NIST 3.1.1.2). */
const normalise = (password: string) => password.normalize("NFC");

/** Argon2id hash in PHC format. */
export function hashPassword(password: string): Promise<string> {
  return argon2Hash(normalise(password), OPTIONS);
}

const randomPart = (bytes: number) => randomBytes(bytes).toString("base64").replaceAll("=", "");

/** In the place of a hash where there is no account: no password is known to have it. */
const UNUSABLE = `${PARAMETERS}${randomPart(16)}$${randomPart(32)}`;

/**
 * Whether a password belongs to a hash. Without a hash (no such account) it takes the same time and answers false, so
 * that nobody can tell the two apart.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const matches = await argon2Verify(passwordHash ?? UNUSABLE, normalise(password));
  return matches && passwordHash !== null;
}

/** Whether a hash has other parameters than today's, so that this sign-in should replace it. */
export function needsRehash(passwordHash: string): boolean {
  return !passwordHash.startsWith(PARAMETERS);
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

/** Words that come to mind for this service, and for the provider of an address. */
function serviceWords(email: string): string[] {
  const hosts = [new URL(env().publicOrigin).hostname, email.slice(email.lastIndexOf("@") + 1)];
  const names = [...PRODUCT.name.split(/\s+/), PRODUCT.name].map(letters);
  return [...names, ...hosts.flatMap((host) => host.split(/[^a-z0-9]+/))].filter((word) => word.length >= 4);
}

/** Why a new password cannot be taken, a sentence for its field, or null. `owner` is the person it is for. */
export function passwordProblem(password: string, owner: { email: string; name: string }): string | null {
  const length = [...password.normalize("NFC")].length;
  if (length < MIN_PASSWORD_LENGTH)
    return `Use ${MIN_PASSWORD_LENGTH} characters or more: a few words make a good password.`;
  if (length > MAX_PASSWORD_LENGTH) return `Use ${MAX_PASSWORD_LENGTH} characters or fewer.`;
  if (password.includes("\0")) return "A password cannot contain a NUL character.";
  const own = ownWords(owner);
  const readings = readingsOf([...password.normalize("NFKC").toLowerCase()]).map((each) =>
    letters(each.join("")),
  );
  if (own.some((word) => readings.some((reading) => reading.includes(word))))
    return "Don’t use your name or email in your password.";
  if (guessability(password, [...own, ...serviceWords(owner.email)]) < ENOUGH)
    return "This password is easy to guess: attackers try common ones, repeats, dates and rows of keys first. Use four words that have nothing to do with each other.";
  return null;
}
