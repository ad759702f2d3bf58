import "server-only";
import { type Database, gatePrisma } from "@/lib/db";
import { Prisma } from "@/prisma/client/client";
import type { EndedReason } from "@/prisma/client/enums";
import { fence } from "./fence";
import { forget, forgetUser } from "./memory";
import { applyNews } from "./news";
import { type Actor, live, SYSTEM } from "./store";

// Everything that ends a session goes through `end` here.

export type Ending = {
  reason: EndedReason;
  /** The session that ends the others, where it is another one. */
  byId?: string;
  now: Date;
};

type EndedRow = { id: string; userId: string };

/**
 * The choke point: ends the sessions that `which` selects (over the alias `s`), writes their events, and gives those
 * that it ended; a session that had ended already is not among them. One statement, in the caller's transaction or
 * its own. The caller then makes the ending known with `publish`, after the commit and before it answers.
 */
async function end(
  db: Database,
  which: Prisma.Sql,
  { reason, byId, now }: Ending,
  actor: Actor,
): Promise<EndedRow[]> {
  // Rows are locked in the order of their ids, so that two endings that overlap wait for each other but never both.
  return db.$queryRaw<EndedRow[]>`
    WITH doomed AS (
      SELECT s.id FROM sessions s WHERE s.ended_at IS NULL AND ${which} ORDER BY s.id FOR NO KEY UPDATE
    ), ended AS (
      UPDATE sessions s
      SET ended_at = greatest(${now}, s.created_at), ended_reason = ${reason}::ended_reason, ended_by_id = ${byId ?? null}::uuid
      FROM doomed WHERE s.id = doomed.id AND s.ended_at IS NULL
      RETURNING s.id, s.user_id
    ), noted AS (
      INSERT INTO security_events (type, user_id, session_id, ip, user_agent, request_id, detail, created_at)
      SELECT 'session_ended', user_id, id, ${actor.ip}, ${actor.userAgent}, ${actor.requestId},
        jsonb_build_object('reason', ${reason}::text, 'by', ${byId ?? null}::text), ${now}
      FROM ended
    )
    SELECT id::text, user_id::text AS "userId" FROM ended`;
}

/** Makes endings that were committed known: here at once, and in every other instance before this returns. */
async function publish(ended: EndedRow[]): Promise<void> {
  for (const { id, userId } of ended) applyNews({ kind: "ended", sessionId: id, userId });
  await fence();
}

/** Ends one live session of the user. False when there is no such live session. */
export async function endSession(
  { id, userId, ...ending }: { id: string; userId: string } & Ending,
  actor: Actor,
): Promise<boolean> {
  const { now, byId } = ending;
  // Held like in `holdLive`: the ended row refers to it.
  const callerIsLive = byId
    ? Prisma.sql`AND EXISTS (SELECT 1 FROM sessions c WHERE c.id = ${byId}::uuid AND c.ended_at IS NULL FOR KEY SHARE)`
    : Prisma.empty;
  const which = Prisma.sql`s.id = ${id}::uuid AND s.user_id = ${userId}::uuid AND ${live(now)} ${callerIsLive}`;
  const ended = await end(gatePrisma(), which, ending, actor);
  // It may have ended already, by a server that died before it could wait for the others; the news of that may still be
  // on its way here. So also who ends nothing forgets it, and waits.
  forget(id);
  await publish(ended);
  return ended.length === 1;
}

/** Ends a session whose time is over. Another instance may have seen its device since, so the row decides. */
export async function endOverdueSession(sid: string, now: Date): Promise<boolean> {
  const ended = await endOverdue(Prisma.sql`s.id = ${sid}::uuid`, now);
  await publishEnded(ended);
  return ended.length === 1;
}

export async function endOverdue(which: Prisma.Sql, now: Date): Promise<EndedRow[]> {
  const expired = Prisma.sql`s.expires_at <= ${now}`;
  const idle = Prisma.sql`NOT (${expired}) AND s.last_seen_at + make_interval(secs => s.idle_seconds) <= ${now}`;
  const byExpiry = await end(
    gatePrisma(),
    Prisma.sql`${which} AND ${expired}`,
    { reason: "expired", now },
    SYSTEM,
  );
  const byIdling = await end(gatePrisma(), Prisma.sql`${which} AND ${idle}`, { reason: "idle", now }, SYSTEM);
  return [...byExpiry, ...byIdling];
}

/** Which of a user's sessions: all, or all but one. */
export type EndingOfMany = Ending & { userId: string; exceptId?: string };

/** Ends several sessions of a user in the caller's transaction, which holds `lockUser`. Then `publishEndedOfUser`. */
export async function endSessionsOfUser(
  db: Database,
  { userId, exceptId, ...ending }: EndingOfMany,
  actor: Actor,
): Promise<EndedRow[]> {
  const others = exceptId ? Prisma.sql`AND s.id <> ${exceptId}::uuid` : Prisma.empty;
  return end(db, Prisma.sql`s.user_id = ${userId}::uuid AND ${live(ending.now)} ${others}`, ending, actor);
}

/** Ends one session in the caller's transaction, whoever it belongs to; for a browser that signs in again. */
export async function endReplacedSession(
  db: Database,
  id: string,
  now: Date,
  actor: Actor,
): Promise<EndedRow[]> {
  return end(db, Prisma.sql`s.id = ${id}::uuid AND ${live(now)}`, { reason: "replaced", now }, actor);
}

/** Call after the commit of a transaction that ended sessions, if it ended any. */
export async function publishEnded(ended: EndedRow[]): Promise<void> {
  if (ended.length > 0) await publish(ended);
}

/**
 * Call after the commit of a transaction in which a user ended sessions, or gave one a new secret. Also where it ended
 * none, for the reason given in `endSession`.
 */
export async function publishEndedOfUser(ended: EndedRow[], userId: string): Promise<void> {
  forgetUser(userId);
  await publish(ended);
}
