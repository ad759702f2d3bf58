import "server-only";
import { gatePrisma, pool } from "@/lib/db";
import { Prisma } from "@/prisma/client/client";
import { MOST_SESSIONS } from "./limits";
import { endOverdue } from "./revoke";
import type { ListedSession } from "./session";
import { LISTED } from "./queries";

// The lists of a user's sessions: live ones and the history.

/** As `live` in store.ts, at the moment $3. */
const IS_LIVE = "s.expires_at > $3 AND s.last_seen_at + make_interval(secs => s.idle_seconds) > $3";

// The caller's own is live: the gate said so, perhaps knowing of a use that is still to be written.
const LIST_LIVE = {
  name: "live-sessions-of-user",
  text: `WITH mine AS MATERIALIZED (
           SELECT s.id, s.last_seen_at, s.id = $2 OR ${IS_LIVE} AS live
           FROM sessions s WHERE s.user_id = $1 AND s.ended_at IS NULL
         ), counted AS (
           SELECT count(*)::int AS "notEnded", count(*) FILTER (WHERE live)::int AS live FROM mine
         ), listed AS (
           SELECT id FROM mine WHERE live ORDER BY id = $2 DESC, last_seen_at DESC, id DESC LIMIT $4
         )
         SELECT ${LISTED}, counted.* FROM listed JOIN sessions s ON s.id = listed.id CROSS JOIN counted
         ORDER BY s.id = $2 DESC, s.last_seen_at DESC, s.id DESC`,
};

/**
 * The live sessions of a user: `currentId` first, then the latest seen, `MOST_SESSIONS` at most; and how many there are,
 * which is more in an account from before that limit. What is overdue is ended, so that it stands in the history instead
 * and nowhere twice.
 */
export async function listLiveSessions(
  userId: string,
  currentId: string,
  now: Date,
): Promise<{ sessions: ListedSession[]; total: number }> {
  const { rows } = await pool().query<ListedSession & { notEnded: number; live: number }>(LIST_LIVE, [
    userId,
    currentId,
    now,
    MOST_SESSIONS,
  ]);
  const { notEnded = 0, live = 0 } = rows[0] ?? {};
  if (live < notEnded) {
    const others = Prisma.sql`s.user_id = ${userId}::uuid AND s.id <> ${currentId}::uuid`;
    await endOverdue(gatePrisma(), others, now);
  }
  return { sessions: rows.map(({ notEnded: _, live: __, ...session }) => session), total: live };
}

const LIST_LIVE_AFTER = {
  name: "live-sessions-of-user-after",
  text: `SELECT ${LISTED} FROM sessions s
         WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.id <> $2 AND ${IS_LIVE}
           AND (s.last_seen_at, s.id) < ($5, $6)
         ORDER BY s.last_seen_at DESC, s.id DESC LIMIT $4`,
};

/** The same, `take` of them, after the one that was last seen then and has that id. */
export async function listLiveSessionsAfter(
  userId: string,
  currentId: string,
  now: Date,
  { take, after }: { take: number; after: { lastSeenAt: Date; id: string } },
): Promise<ListedSession[]> {
  const { lastSeenAt, id } = after;
  const values = [userId, currentId, now, take, lastSeenAt, id];
  return (await pool().query<ListedSession>(LIST_LIVE_AFTER, values)).rows;
}

/** An ended session with what names the one that ended it. */
export type EndedSession = ListedSession & {
  endedBy: Pick<ListedSession, "name" | "browser" | "os" | "kind"> | null;
};

const ENDED = `
  SELECT ${LISTED}, CASE WHEN e.id IS NOT NULL
    THEN json_build_object('name', e.name, 'browser', e.browser, 'os', e.os, 'kind', e.kind) END AS "endedBy"
  FROM sessions s LEFT JOIN sessions e ON e.id = s.ended_by_id WHERE s.ended_at IS NOT NULL`;
const LATEST_FIRST = "ORDER BY s.ended_at DESC, s.id DESC LIMIT $2";

const FIND_ENDED = { name: "ended-sessions", text: `${ENDED} AND s.id = ANY($1)` };
const LIST_ENDED = {
  name: "ended-sessions-of-user",
  text: `${ENDED} AND s.user_id = $1 ${LATEST_FIRST}`,
};
const LIST_ENDED_AFTER = {
  name: "ended-sessions-of-user-after",
  text: `${ENDED} AND s.user_id = $1 AND (s.ended_at, s.id) < ($3, $4) ${LATEST_FIRST}`,
};

/** The ended sessions of a user, latest first, after the one that ended then and has that id. */
export async function listEndedSessions(
  userId: string,
  { take, after }: { take: number; after?: { endedAt: Date; id: string } | undefined },
): Promise<EndedSession[]> {
  const { rows } = after
    ? await pool().query<EndedSession>(LIST_ENDED_AFTER, [userId, take, after.endedAt, after.id])
    : await pool().query<EndedSession>(LIST_ENDED, [userId, take]);
  return rows;
}

/** Those of these sessions that have ended, with the ones that ended them, for telling their devices why. */
export async function findEndedSessions(sids: string[]): Promise<EndedSession[]> {
  const { rows } = await pool().query<EndedSession>(FIND_ENDED, [sids]);
  return rows;
}
