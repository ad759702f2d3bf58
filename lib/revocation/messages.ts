import "server-only";
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { singleton } from "@/lib/singleton";
import { MINUTES } from "@/lib/time";

// Messages between instances, sent by NOTIFY. Any role that may connect can send some, so they are signed. Triggers have no
// key: their notifications (notifications.ts) only make an instance query again. Replaying a recorded message gains nothing:
// docs/revocation.md says why.

/** The channel of PostgreSQL on which notifications of rows and barriers go out. */
export const CHANNEL = "latchkey";

/** The channel of one instance, for its proofs and for acknowledgements of its barriers. */
export const channelOf = (instance: string) => `latchkey_${instance.replaceAll("-", "")}`;

/**
 * SQL that names the database: its own random id, and a number that its copies on the same server do not share. A
 * physical standby shares both, as it must.
 */
export const DATABASE = `concat_ws(':', (SELECT id FROM database_identity),
  (SELECT oid FROM pg_database WHERE datname = current_database()))`;

const LETTERS = { barrier: "f", acknowledgement: "a", proof: "p" } as const;

export type Kind = keyof typeof LETTERS;

/** The newest cookie passwords that sign. A message has room for 170 signatures at most. */
const MOST_SIGNATURES = 8;
const LOG_EVERY = 1 * MINUTES;

type Signatures = { keys: Map<Kind, Buffer[]>; ignored: number; loggedAt: number };

const signatures = singleton(
  "signatures",
  (): Signatures => ({ keys: new Map(), ignored: 0, loggedAt: Number.NEGATIVE_INFINITY }),
);

/** A key of 256 bits for each of the newest cookie passwords and each kind of message (HKDF, RFC 5869). */
function keysFor(kind: Kind): Buffer[] {
  const { keys } = signatures();
  const known = keys.get(kind);
  if (known) return known;
  const { cookiePassword } = env();
  const passwords = typeof cookiePassword === "string" ? [cookiePassword] : Object.values(cookiePassword);
  // A map of them is in the order of their numbers.
  const derived = passwords
    .slice(-MOST_SIGNATURES)
    .map((password) => Buffer.from(hkdfSync("sha256", password, "", `latchkey notification: ${kind}`, 32)));
  keys.set(kind, derived);
  return derived;
}

function signaturesOf(kind: Kind, database: string, fields: string[]): Buffer[] {
  const text = JSON.stringify([database, ...fields]);
  return keysFor(kind).map((key) => createHmac("sha256", key).update(text).digest());
}

/**
 * The payload of a message, signed (HMAC-SHA-256) for one database with the keys of the newest cookie passwords: while they
 * are rotated, instances that know the old one alone, both, or the new one alone understand their neighbours. `fields`
 * hold no colon.
 */
export function sign(kind: Kind, database: string, fields: string[]): string {
  const signed = signaturesOf(kind, database, fields).map((each) => each.toString("base64url"));
  return `${LETTERS[kind]}${[...fields, signed.join(",")].join(":")}`;
}

/** Whether a payload claims to be a message of that kind. */
export function claimsToBe(kind: Kind, payload: string): boolean {
  return payload.startsWith(LETTERS[kind]);
}

/** The fields of a message that an instance of this database has signed, or null. Counts forged ones. */
export function open(kind: Kind, database: string, payload: string): string[] | null {
  const fields = payload.slice(1).split(":");
  const given = (fields.pop() ?? "")
    .split(",", MOST_SIGNATURES)
    .map((each) => Buffer.from(each, "base64url"));
  const expected = signaturesOf(kind, database, fields);
  const isSigned =
    claimsToBe(kind, payload) && expected.some((mine) => given.some((theirs) => isEqual(mine, theirs)));
  if (isSigned) return fields;
  ignore();
  return null;
}

function isEqual(mine: Buffer, theirs: Buffer): boolean {
  return mine.length === theirs.length && timingSafeEqual(mine, theirs);
}

/** Counts a message that no instance can have sent, and logs it now and then. */
function ignore(): void {
  const state = signatures();
  state.ignored += 1;
  if (performance.now() - state.loggedAt < LOG_EVERY) return;
  state.loggedAt = performance.now();
  log.error("notifications_ignored", {
    ignored: state.ignored,
    message:
      "Somebody sends notifications that no instance with our COOKIE_PASSWORD has signed for this database: a role that may connect and should not, or an instance with another password.",
  });
}

/** Counts the messages that were ignored because nobody with our secret had signed them. */
export function ignoredNotifications(): number {
  return signatures().ignored;
}
