import "server-only";
import { createHash } from "node:crypto";
import type { Refused } from "@/lib/account/account";
import { Problem } from "@/lib/errors";
import { FairQueue, QueueFull } from "@/lib/fair-queue";
import { networkOf } from "@/lib/network";
import { singleton } from "@/lib/singleton";
import { DAYS, HOURS, MINUTES, SECONDS } from "@/lib/time";
import { type Counter, count, type Rule, takeBack } from "./counters";

// Limits on guessing passwords. Attempts of strangers are counted by the account and the network together, whether there
// is such an account, where it is used and what else its owner does, so that no answer tells. Keys are hashes.

const window = (limit: number, length: number): Rule => ({
  limit,
  window: length,
  hold: length,
  longestHold: length,
});

const FIRST_WAIT = 30 * SECONDS;
const LONGEST_WAIT = 1 * HOURS;
const row = (limit: number): Rule => ({
  limit,
  window: 1 * DAYS,
  hold: FIRST_WAIT,
  longestHold: LONGEST_WAIT,
});

/** Wrong passwords for an account from a network, or from a known device, before they wait. */
const GUESSES = row(5);
/** The same from all known devices of an account together: each sign-in makes one. */
const GUESSES_BY_DEVICES = row(10);
/** Wrong passwords for an account from everywhere since the last right one (NIST SP 800-63B-4, 3.2.2). */
const STOP: Rule = { limit: 100, window: 30 * DAYS, hold: 1 * DAYS, longestHold: 1 * DAYS };
/** Wrong passwords from a network, for any accounts. */
const GUESSES_BY_NETWORK = window(500, 15 * MINUTES);
/** Right passwords, of sign-ins and of step-up. */
const RIGHT_OF_ACCOUNT = window(100, 15 * MINUTES);
const RIGHT_BY_NETWORK = window(1_000, 15 * MINUTES);
const SIGN_UPS_BY_NETWORK = window(1_000, 1 * HOURS);
/** Mails of one kind to an address. */
const MAILS = window(3, 1 * HOURS);
/** Requests for mail to any address from a network, and for a change of address by an account. */
const MAIL_REQUESTS_BY_NETWORK = window(1_000, 1 * HOURS);
const CHANGES_OF_ADDRESS = window(10, 1 * HOURS);
/** What an account does to itself that neither needs its password nor ends anything: renaming, API sessions, exports. */
const WRITES_OF_ACCOUNT = window(1_000, 1 * HOURS);
/** Security events about failed attempts from a network. */
const EVENTS_BY_NETWORK = window(100, 15 * MINUTES);

// An attempt waits for its turn before it costs anything. It then holds its place for a password hash and some statements;
// the hashes queue again in `hashing.ts`. A queue of 200 is served in the time that people wait for a page.
const LINE = { atOnce: 4, perLine: 200, perClass: 1_000 };
const RETRY_AFTER_FULL = 5;

const line = singleton("sign-in-line", () => new FairQueue<"known" | "strangers">(LINE));
const refused = singleton("refusals", () => ({ count: 0 }));

/** Refusals since the process started, for the metrics. */
export function refusals(): number {
  return refused().count;
}

/** How many attempts run and wait, for the metrics. */
export function attempts(): { running: number; waiting: number } {
  return line().load;
}

/** An attempt to prove a password. */
export type Attempt = {
  purpose: "log-in" | "sign-up" | "change";
  /** As `normaliseEmail` spells it. */
  email: string;
  address: string | null;
  /** The device from which this account has signed in before, if it is one. */
  known: { userId: string; deviceId: string } | null;
  now: Date;
};

const counter = (rule: Rule, kind: string, ...parts: string[]): Counter => ({
  key: `${kind}:${createHash("sha256").update(parts.join("\0")).digest("base64url")}`,
  rule,
});

/**
 * What an attempt counts for. `wrong` is counted before the password is checked. If it was right, `wrong` is uncounted,
 * `forgotten` is reset and `right` is counted.
 */
function countersOf({ purpose, email, address, known }: Attempt) {
  const network = networkOf(address);
  const right = [
    counter(RIGHT_OF_ACCOUNT, "sign-ins", email),
    counter(RIGHT_BY_NETWORK, "sign-ins-by-network", network),
  ];
  const stop = counter(STOP, "stop", email);
  if (purpose === "sign-up") {
    const wrong = [
      counter(SIGN_UPS_BY_NETWORK, "sign-ups", network),
      counter(GUESSES, "sign-up-guesses", email, network),
      counter(STOP, "sign-up-stop", email),
    ];
    return { wrong, forgotten: [], right };
  }
  if (known) {
    const wrong = [
      counter(GUESSES, "device", known.userId, known.deviceId),
      counter(GUESSES_BY_DEVICES, "devices", known.userId),
      counter(STOP, "devices-stop", known.userId),
    ];
    return { wrong, forgotten: purpose === "change" ? wrong : [...wrong, stop], right };
  }
  const wrong = [
    counter(GUESSES_BY_NETWORK, "guesses-by-network", network),
    counter(GUESSES, "guesses", email, network),
    stop,
  ];
  return { wrong, forgotten: [stop], right };
}

/**
 * Counts an attempt and, when its turn comes, checks its password with `check`. Parallel attempts are counted before they are
 * checked, so none slips through. If `check` throws, the attempt is uncounted: nobody has learned anything from it. Throws
 * `unavailable` if too many are waiting already.
 */
export async function attempt(
  by: Attempt,
  check: () => Promise<boolean>,
): Promise<{ ok: true } | { ok: false; code: "wrong_password" } | Refused> {
  const network = networkOf(by.address);
  const place = by.known ? (["known", network, by.known.userId] as const) : (["strangers", network] as const);
  try {
    return await line().run(place, () => countAndCheck(by, check));
  } catch (error) {
    if (error instanceof QueueFull) throw new Problem("unavailable", { retryAfter: RETRY_AFTER_FULL });
    throw error;
  }
}

async function countAndCheck(by: Attempt, check: () => Promise<boolean>): ReturnType<typeof attempt> {
  const { wrong, forgotten, right } = countersOf(by);
  const held = await count(wrong, by.now, right.slice(1));
  if (held) return refusal(held.held);

  let isRight: boolean;
  try {
    isRight = await check();
  } catch (error) {
    await takeBack(wrong);
    throw error;
  }
  if (!isRight) return { ok: false, code: "wrong_password" };
  // A sign-up counts whether or not it succeeds, or the count would tell whether there was an account.
  if (by.purpose === "sign-up") return { ok: true };
  await takeBack(
    wrong.filter(({ key }) => forgotten.every((each) => each.key !== key)),
    forgotten,
  );
  return countRight(by);
}

/** Counts a right password; too many are refused, too. */
export async function countRight(by: Attempt): Promise<{ ok: true } | Refused> {
  const held = await count(countersOf(by).right, by.now);
  return held ? refusal(held.held) : { ok: true };
}

function refusal(retryAfter: number): Refused {
  refused().count += 1;
  return { ok: false, code: "rate_limited", retryAfter };
}

/**
 * Whether a failed attempt becomes a security event: a refusal once for each wait, and a bounded number for each network, so
 * that nobody can fill the table.
 */
export async function isWorthAnEvent(by: Attempt, refused: Refused | null): Promise<boolean> {
  const events = counter(EVENTS_BY_NETWORK, "events", networkOf(by.address));
  if (!refused) return (await count([events], by.now)) === null;
  const who = by.known ? [by.known.userId, by.known.deviceId] : [by.email, networkOf(by.address)];
  const wait = counter(window(1, refused.retryAfter * SECONDS), "told", by.purpose, ...who);
  return (await count([wait, events], by.now)) === null;
}

/**
 * Lifts the limits that guessing has put on an account: for an owner who has proved in another way than by the password that
 * it is theirs.
 */
export async function liftLock({
  email,
  userId,
  address,
}: {
  email: string;
  userId: string;
  /** Where the owner is. */
  address: string | null;
}): Promise<void> {
  await takeBack(
    [],
    [
      counter(GUESSES, "guesses", email, networkOf(address)),
      counter(GUESSES, "sign-up-guesses", email, networkOf(address)),
      counter(STOP, "stop", email),
      counter(STOP, "sign-up-stop", email),
      counter(STOP, "devices-stop", userId),
      counter(GUESSES_BY_DEVICES, "devices", userId),
    ],
  );
}

/** Counts a mail, and returns whether it may be sent: of each kind an address gets a few an hour. */
export async function mayMail(kind: string, email: string, now: Date): Promise<boolean> {
  return (await count([counter(MAILS, "mails", kind, email)], now)) === null;
}

/** Counts a request for mail, to a known or an unknown address. */
export async function countMailRequest(address: string | null, now: Date): Promise<{ ok: true } | Refused> {
  return countOne(counter(MAIL_REQUESTS_BY_NETWORK, "mail-requests", networkOf(address)), now);
}

/** Counts a request of an account for another address. */
export async function countChangeOfAddress(userId: string, now: Date): Promise<{ ok: true } | Refused> {
  return countOne(counter(CHANGES_OF_ADDRESS, "address-changes", userId), now);
}

/**
 * Counts what leaves an event behind and has no other limit, so that no account fills the table of events. Throws
 * `rate_limited`.
 */
export async function limitAccountWrites(userId: string, now: Date): Promise<void> {
  const counted = await countOne(counter(WRITES_OF_ACCOUNT, "account-writes", userId), now);
  if (!counted.ok) throw new Problem(counted.code, { retryAfter: counted.retryAfter });
}

async function countOne(one: Counter, now: Date): Promise<{ ok: true } | Refused> {
  const held = await count([one], now);
  return held ? refusal(held.held) : { ok: true };
}
