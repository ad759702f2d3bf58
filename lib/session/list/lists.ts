import "server-only";
import { pool } from "@/lib/db";
import { MOST_SESSIONS } from "@/lib/limits";
import { LAPSES_AT, LISTED, LISTED_AS_OVERDUE } from "@/lib/session/queries";
import type { ListedSession } from "@/lib/session/session";
import type { Cursor } from "./cursor";

// The two lists of a user's sessions: live ones, and the history. Lists write nothing. An overdue session is listed in the
// history as soon as its time is over, whether or not the gate or the sweep has ended its row yet.

/** As `live` in queries.ts, at the moment $3. */
const IS_LIVE = `${LAPSES_AT} > $3`;

// The caller's own session is live: the gate said so, and may know of a use that is not written yet.
const LIST_LIVE = {
  name: "live-sessions-of-user",
  text: `WITH mine AS MATERIALIZED (
           SELECT s.id, s.last_seen_at FROM sessions s
           WHERE s.user_id = $1 AND s.ended_at IS NULL AND (s.id = $2 OR ${IS_LIVE})
         ), listed AS (
           SELECT id FROM mine ORDER BY id = $2 DESC, last_seen_at DESC, id DESC LIMIT $4
         )
         SELECT ${LISTED}, (SELECT count(*)::int FROM mine) AS total
         FROM listed JOIN sessions s ON s.id = listed.id
         ORDER BY s.id = $2 DESC, s.last_seen_at DESC, s.id DESC`,
};

/**
 * Lists the live sessions of a user, `MOST_SESSIONS` at most: `currentId` first, then the latest seen. `total` counts all of
 * them, which is more in an account that is older than the limit.
 */
export async function listLiveSessions(
  userId: string,
  currentId: string,
  now: Date,
): Promise<{ sessions: ListedSession[]; total: number }> {
  const { rows } = await pool().query<ListedSession & { total: number }>(LIST_LIVE, [
    userId,
    currentId,
    now,
    MOST_SESSIONS,
  ]);
  return { sessions: rows.map(({ total: _, ...session }) => session), total: rows[0]?.total ?? 0 };
}

const LIST_LIVE_AFTER = {
  name: "live-sessions-of-user-after",
  text: `SELECT ${LISTED} FROM sessions s
         WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.id <> $2 AND ${IS_LIVE}
           AND (s.last_seen_at, s.id) < ($5, $6)
         ORDER BY s.last_seen_at DESC, s.id DESC LIMIT $4`,
};

/** Lists `take` more, after the session with this `lastSeenAt` and id. */
export async function listLiveSessionsAfter(
  userId: string,
  currentId: string,
  now: Date,
  { take, after }: { take: number; after: Cursor },
): Promise<ListedSession[]> {
  const values = [userId, currentId, now, take, after.at, after.id];
  return (await pool().query<ListedSession>(LIST_LIVE_AFTER, values)).rows;
}

/** An ended session, with what it takes to name the session that ended it. */
export type EndedSession = ListedSession & {
  endedBy: Pick<ListedSession, "name" | "browser" | "os" | "kind"> | null;
};

const ENDED_BY = `CASE WHEN e.id IS NOT NULL
  THEN json_build_object('name', e.name, 'browser', e.browser, 'os', e.os, 'kind', e.kind) END AS "endedBy"`;

const FIND_ENDED = {
  name: "ended-sessions",
  text: `SELECT ${LISTED}, ${ENDED_BY} FROM sessions s LEFT JOIN sessions e ON e.id = s.ended_by_id
         WHERE s.ended_at IS NOT NULL AND s.id = ANY($1)`,
};

/** SQL for the history: ended rows and overdue ones. `isAfter` is the condition for the next page. */
const history = (isAfter: (endedAt: string) => string) => `
  WITH history AS (
    (SELECT ${LISTED} FROM sessions s
     WHERE s.user_id = $1 AND s.ended_at IS NOT NULL AND ${isAfter("s.ended_at")}
     ORDER BY s.ended_at DESC, s.id DESC LIMIT $4)
    UNION ALL
    (SELECT ${LISTED_AS_OVERDUE} FROM sessions s
     WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.id <> $2 AND NOT (${IS_LIVE}) AND ${isAfter(LAPSES_AT)})
  )
  SELECT history.*, ${ENDED_BY} FROM history LEFT JOIN sessions e ON e.id = history."endedById"
  ORDER BY history."endedAt" DESC, history.id DESC LIMIT $4`;

const LIST_ENDED = { name: "ended-sessions-of-user", text: history(() => "true") };
const LIST_ENDED_SINCE = {
  name: "ended-sessions-of-user-since",
  text: history((endedAt) => `${endedAt} >= $5`),
};
const LIST_ENDED_AFTER = {
  name: "ended-sessions-of-user-after",
  text: history((endedAt) => `(${endedAt}, s.id) < ($5, $6)`),
};

/**
 * Lists the ended sessions of a user, latest first, `take` at most: from the moment `since`, or after the session with the
 * `endedAt` and id of `after`. Leaves out `currentId`: the gate has let it in, and may know of a use that is not written yet.
 */
export async function listEndedSessions(
  userId: string,
  currentId: string,
  now: Date,
  { take, ...from }: { take: number } & ({ since: Date } | { after?: Cursor | undefined }),
): Promise<EndedSession[]> {
  const values = [userId, currentId, now, take];
  const list = (query: { name: string; text: string }, ...more: unknown[]) =>
    pool().query<EndedSession>(query, [...values, ...more]);
  if ("since" in from) return (await list(LIST_ENDED_SINCE, from.since)).rows;
  const { after } = from;
  return (await (after ? list(LIST_ENDED_AFTER, after.at, after.id) : list(LIST_ENDED))).rows;
}

/** Finds which of these sessions have ended, so that their devices can be told why. */
export async function findEndedSessions(sids: string[]): Promise<EndedSession[]> {
  const { rows } = await pool().query<EndedSession>(FIND_ENDED, [sids]);
  return rows;
}
