import "server-only";
import { inBatches } from "@/lib/database/batches";
import { backgroundPrisma, pool } from "@/lib/db";
import { SECONDS } from "@/lib/time";

// Counters of attempts, kept in PostgreSQL so that they are exact across instances and survive restarts. One statement
// updates all counters of an attempt: a log-in should cost its password hash and little else. (rate-limiter-flexible needs one for each
// counter, and cannot refuse an attempt under all of them: docs/decisions/0013-counting-guesses.md.)

/**
 * How a counter counts. At every `limit`-th attempt within `window` further ones are refused: for `hold`, then twice as
 * long, up to `longestHold`, but never beyond the window. Times in milliseconds.
 */
export type Rule = { limit: number; window: number; hold: number; longestHold: number };

export type Counter = { key: string; rule: Rule };

/** Seconds to wait where an attempt was refused. */
export type Held = { held: number };

// A row is locked before it is looked at again, so that of parallel attempts exactly `limit` pass. Rows are locked in the
// order of their keys, here and below, so that two statements never wait for each other.
const COUNT = {
  name: "count-attempt",
  text: `
    WITH wanted AS (
      SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS w(key, max, span, hold, longest)
    ), held AS (
      SELECT max(held_until) AS until FROM rate_limits WHERE key = ANY($1 || $6::text[]) AND held_until > $7::bigint
    ), counted AS (
      INSERT INTO rate_limits AS r (key, points, expire, held_until)
      SELECT key, 1, $7 + span, CASE WHEN max = 1 THEN $7 + least(hold, span) END
      FROM wanted WHERE (SELECT until FROM held) IS NULL ORDER BY key
      ON CONFLICT (key) DO UPDATE SET (points, expire, held_until) = (
        SELECT n.points, n.expire, CASE WHEN n.points % w.max = 0
          THEN least(n.expire, $7 + least(w.longest, w.hold * 2 ^ least(n.points / w.max - 1, 30)))::bigint END
        FROM wanted w, LATERAL (SELECT
          CASE WHEN r.expire > $7 THEN r.points + 1 ELSE 1 END AS points,
          CASE WHEN r.expire > $7 THEN r.expire ELSE $7 + w.span END AS expire) n
        WHERE w.key = r.key
      )
      WHERE r.held_until IS NULL OR r.held_until <= $7
      RETURNING key
    )
    SELECT (SELECT until FROM held) AS until, ARRAY(SELECT key FROM counted)::text[] AS counted`,
};

const TAKE_BACK = {
  name: "take-back-attempt",
  text: `
    WITH locked AS (
      SELECT key FROM rate_limits WHERE key = ANY($1::text[] || $3::text[]) ORDER BY key FOR UPDATE
    ), forgotten AS (
      DELETE FROM rate_limits WHERE key IN (SELECT key FROM locked) AND key = ANY($3)
    )
    UPDATE rate_limits r
    SET points = greatest(0, r.points - 1), held_until = CASE WHEN r.points % w.max > 0 THEN r.held_until END
    FROM unnest($1, $2::int[]) AS w(key, max) WHERE r.key = w.key AND r.key IN (SELECT key FROM locked)`,
};

const HELD_UNTIL = "SELECT max(held_until) AS until FROM rate_limits WHERE key = ANY($1) AND held_until > $2";

/**
 * Counts an attempt under all of `counters`, or under none if one of them, or one of the `watched` keys, refuses it. Returns the
 * seconds to wait in that case, otherwise null.
 */
export async function count(counters: Counter[], now: Date, watched: Counter[] = []): Promise<Held | null> {
  const keys = counters.map(({ key }) => key);
  const numbers = (name: keyof Rule) => counters.map(({ rule }) => rule[name]);
  const { rows } = await pool().query<{ until: string | null; counted: string[] }>(COUNT, [
    keys,
    numbers("limit"),
    numbers("window"),
    numbers("hold"),
    numbers("longestHold"),
    watched.map(({ key }) => key),
    now.getTime(),
  ]);
  const { until = null, counted = [] } = rows[0] ?? {};
  if (until !== null) return secondsUntil(until, now);
  if (counted.length === keys.length) return null;
  // A parallel attempt has just reached the limit of one of them.
  await takeBack(counters.filter(({ key }) => counted.includes(key)));
  const held = await pool().query<{ until: string | null }>(HELD_UNTIL, [keys, now.getTime()]);
  return secondsUntil(held.rows[0]?.until ?? now.getTime(), now);
}

/** Uncounts an attempt in some counters, and resets others. */
export async function takeBack(counters: Counter[], forgotten: Counter[] = []): Promise<void> {
  if (counters.length + forgotten.length === 0) return;
  await pool().query(TAKE_BACK, [
    counters.map(({ key }) => key),
    counters.map(({ rule }) => rule.limit),
    forgotten.map(({ key }) => key),
  ]);
}

/** Deletes expired counters in batches; returns how many. */
export async function clearExpiredLimits(now: Date): Promise<number> {
  return inBatches(
    (size) => backgroundPrisma().$executeRaw`
      DELETE FROM rate_limits WHERE key IN (
        SELECT key FROM rate_limits WHERE expire < ${now.getTime()} LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
}

function secondsUntil(until: string | number, now: Date): Held {
  return { held: Math.max(1, Math.ceil((Number(until) - now.getTime()) / SECONDS)) };
}
