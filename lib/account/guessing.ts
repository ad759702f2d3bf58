import "server-only";
import { createHash } from "node:crypto";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { backgroundPrisma, pool } from "@/lib/db";
import { networkOf } from "@/lib/http/address";
import { DAYS, HOURS, MINUTES, SECONDS } from "@/lib/time";

// Limits on guessing passwords. A guess is counted before its password is checked, in one atomic statement, so parallel
// guesses and several instances are counted exactly; a right one is taken back. Keys are hashes: no address is stored.

/** Wrong passwords in a row before the account waits. */
const GUESSES = 5;
/** The wait doubles with every further row of wrong passwords, from the first to the longest, in milliseconds. */
const FIRST_WAIT = 30 * SECONDS;
const LONGEST_WAIT = 1 * HOURS;
/** Rows of wrong passwords in a day after which the account waits for the rest of it: 100 guesses (NIST 3.2.2). */
const MOST_WAITS = 20;
/** Wrong passwords from one address, for any accounts, in a quarter of an hour. */
const GUESSES_PER_ADDRESS = 500;
/** New accounts from one address in an hour. */
const SIGN_UPS_PER_ADDRESS = 1_000;

/** Counters that one statement deletes. */
const CLEARED_AT_ONCE = 10_000;

type Limits = ReturnType<typeof createLimits>;
const holder = globalThis as typeof globalThis & { latchkeyLimits?: Limits; latchkeyRefusals?: number };

function createLimits() {
  const limiter = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterPostgres({
      storeClient: pool(),
      storeType: "pool",
      tableName: "rate_limits",
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix,
      points,
      duration: duration / SECONDS,
    });
  return {
    guesses: limiter("guesses", GUESSES, 15 * MINUTES),
    waits: limiter("waits", MOST_WAITS, 1 * DAYS),
    perAddress: limiter("address", GUESSES_PER_ADDRESS, 15 * MINUTES),
    signUps: limiter("sign-ups", SIGN_UPS_PER_ADDRESS, 1 * HOURS),
  };
}

function limits(): Limits {
  holder.latchkeyLimits ??= createLimits();
  return holder.latchkeyLimits;
}

/** Refusals since the process started, for the metrics. */
export function refusals(): number {
  return holder.latchkeyRefusals ?? 0;
}

const keyOf = (...parts: string[]) => createHash("sha256").update(parts.join("\0")).digest("base64url");
const placeOf = (address: string | null) => keyOf(address ? networkOf(address) : "unknown");
const waitSeconds = (milliseconds: number) => Math.max(1, Math.ceil(milliseconds / SECONDS));

/** Consumes a point. Gives the seconds to wait when there is none left, else null. */
async function consume(
  limiter: RateLimiterPostgres,
  key: string,
): Promise<{ wait: number } | { left: number }> {
  try {
    return { left: (await limiter.consume(key)).remainingPoints };
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    holder.latchkeyRefusals = refusals() + 1;
    return { wait: waitSeconds(refused.msBeforeNext) };
  }
}

/**
 * A guess that was counted. `settle` checks its password with `check`: falsy means wrong, which stays counted. A right
 * one is taken back, and so is one whose check throws: nobody has learned anything from it.
 */
export type Guess = { allowed: true; settle<T>(check: () => Promise<T>): Promise<T> };

/**
 * Counts a guess of the password of `email` from `address`. `knownDevice` names a device from which this account has
 * logged in before: it has a count of its own, so that the owner is not locked out while somebody else guesses.
 */
export async function countGuess({
  email,
  address,
  knownDevice,
}: {
  email: string;
  address: string | null;
  knownDevice: string | null;
}): Promise<Guess | { allowed: false; retryAfter: number }> {
  const { guesses, waits, perAddress } = limits();
  const account = keyOf(email, knownDevice ?? "");
  const place = placeOf(address);

  const byAddress = await consume(perAddress, place);
  if ("wait" in byAddress) return { allowed: false, retryAfter: byAddress.wait };
  const byAccount = await consume(guesses, account);
  if ("wait" in byAccount) {
    await perAddress.reward(place);
    return { allowed: false, retryAfter: byAccount.wait };
  }

  const right = () => Promise.all([guesses.delete(account), waits.delete(account), perAddress.reward(place)]);
  const wrong = async () => {
    if (byAccount.left > 0) return;
    const waited = await waits.penalty(account);
    const wait =
      waited.consumedPoints >= MOST_WAITS
        ? waited.msBeforeNext
        : Math.min(FIRST_WAIT * 2 ** (waited.consumedPoints - 1), LONGEST_WAIT);
    await guesses.block(account, Math.ceil(wait / SECONDS));
  };
  const unchecked = () => Promise.all([guesses.reward(account), perAddress.reward(place)]);

  return {
    allowed: true,
    async settle<T>(check: () => Promise<T>) {
      let result: T;
      try {
        result = await check();
      } catch (error) {
        await unchecked();
        throw error;
      }
      await (result ? right() : wrong());
      return result;
    },
  };
}

/** Counts a sign-up from an address. Gives the seconds to wait when there were too many, else null. */
export async function countSignUp(address: string | null): Promise<number | null> {
  const counted = await consume(limits().signUps, placeOf(address));
  return "wait" in counted ? counted.wait : null;
}

/** Deletes counters that have run out, some in each statement; gives how many. */
export async function clearExpiredLimits(now: Date): Promise<number> {
  const clearSome = () => backgroundPrisma().$executeRaw`
    DELETE FROM rate_limits WHERE key IN (
      SELECT key FROM rate_limits WHERE expire < ${now.getTime()} LIMIT ${CLEARED_AT_ONCE} FOR UPDATE SKIP LOCKED)`;
  let sum = 0;
  for (let count = CLEARED_AT_ONCE; count === CLEARED_AT_ONCE; sum += count) count = await clearSome();
  return sum;
}
