import "server-only";
import { gatePrisma, pool } from "@/lib/db";
import { Prisma } from "@/prisma/client/client";
import { endOverdue } from "./revoke";
import { endsAt, type ListedSession } from "./session";
import { LISTED } from "./store";

// The lists of a user's sessions: live ones and the history.

const LIST_NOT_ENDED = {
  name: "sessions-of-user-not-ended",
  text: `SELECT ${LISTED} FROM sessions s WHERE s.user_id = $1 AND s.ended_at IS NULL
         ORDER BY s.id = $2 DESC, s.last_seen_at DESC, s.id DESC`,
};

/**
 * The live sessions of a user: `currentId` first, then the latest seen. What is overdue is ended, so that it stands in
 * the history instead and nowhere twice.
 */
export async function listLiveSessions(
  userId: string,
  currentId: string,
  now: Date,
): Promise<ListedSession[]> {
  const { rows } = await pool().query<ListedSession>(LIST_NOT_ENDED, [userId, currentId]);
  // The caller's own is live: the gate said so, perhaps knowing of a use that is still to be written.
  const live = rows.filter((each) => each.id === currentId || endsAt(each) > now);
  if (live.length < rows.length) {
    const others = Prisma.sql`s.user_id = ${userId}::uuid AND s.id <> ${currentId}::uuid`;
    await endOverdue(gatePrisma(), others, now);
  }
  return live;
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
