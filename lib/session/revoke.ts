import "server-only";
import { type Database, gatePrisma, inTransaction } from "@/lib/db";
import { Prisma } from "@/prisma/client/client";
import type { EndedReason } from "@/prisma/client/enums";
import { noteEnded } from "@/lib/revocation/ended";
import { fence } from "@/lib/revocation/barrier";
import { MOST_SESSIONS } from "./limits";
import { forget, forgetUser } from "@/lib/revocation/cache";
import { applyNews } from "@/lib/revocation/notifications";
import { type Actor, holdLive, live, lockUser, SYSTEM } from "./queries";

// Everything that ends a session goes through `end` here.

/**
 * Sessions that one statement ends at most. A statement takes a twentieth of its time-out for so many on a machine that
 * has more to do than it can, and nobody waits long for the rows that it locks. docs/decisions/0011-ending-many.md
 */
export const AT_ONCE = 500;

export type Ending = {
  /** Of a session whose time was over already, that is the reason instead. */
  reason: EndedReason;
  /** The session that ends the others, where it is another one. */
  byId?: string;
  now: Date;
};

type EndedRow = { id: string; userId: string };

const WAIT = Prisma.empty;
const SKIP = Prisma.sql`SKIP LOCKED`;

/**
 * The choke point: ends the sessions that `which` selects (over the alias `s`), `AT_ONCE` at most, writes their events,
 * and gives those that it ended; a session that had ended already is not among them. Fewer than `AT_ONCE` means that
 * none is left. One statement, in the caller's transaction or its own. The caller then makes the ending known with
 * `apply` and a fence, after the commit and before it answers.
 */
async function end(
  db: Database,
  which: Prisma.Sql,
  { reason, byId, now }: Ending,
  actor: Actor,
  locked: Prisma.Sql = WAIT,
): Promise<EndedRow[]> {
  // Rows are locked in one order, so that two endings that overlap wait for each other but never both. It is the order of
  // the index `sessions_of_user`, in which `ended_at` is null here, so that the latest sign-ins end first.
  return db.$queryRaw`
    WITH doomed AS (
      SELECT s.id FROM sessions s WHERE s.ended_at IS NULL AND ${which}
      ORDER BY s.ended_at DESC, s.id DESC LIMIT ${AT_ONCE} FOR NO KEY UPDATE ${locked}
    ), ended AS (
      UPDATE sessions s
      SET ended_at = greatest(${now}, s.created_at), ended_by_id = ${byId ?? null}::uuid, ended_reason = CASE
        WHEN s.expires_at <= ${now} THEN 'expired'
        WHEN NOT (${live(now)}) THEN 'idle'
        ELSE ${reason} END::ended_reason
      FROM doomed WHERE s.id = doomed.id AND s.ended_at IS NULL
      RETURNING s.id, s.user_id, s.ended_reason
    ), noted AS (
      INSERT INTO security_events (type, user_id, session_id, ip, user_agent, request_id, detail, created_at)
      SELECT 'session_ended', user_id, id, ${actor.ip}, ${actor.userAgent}, ${actor.requestId},
        jsonb_build_object('reason', ended_reason::text, 'by', ${byId ?? null}::text), ${now}
      FROM ended
    )
    SELECT id::text, user_id::text AS "userId" FROM ended`;
}

/** Makes endings that were committed known in this instance, at once. */
function apply(ended: EndedRow[]): void {
  for (const { id, userId } of ended) {
    noteEnded(id);
    applyNews({ kind: "ended", sessionId: id, userId });
  }
}

/** Makes endings that were committed known everywhere. Call after the commit, and before anybody is told of them. */
export async function publishEnded(ended: EndedRow[]): Promise<void> {
  if (ended.length === 0) return;
  apply(ended);
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
  apply(ended);
  await fence();
  return ended.length === 1;
}

/** Ends a session whose time is over. Another instance may have seen its device since, so the row decides. */
export async function endOverdueSession(sid: string, now: Date): Promise<boolean> {
  const which = Prisma.sql`s.id = ${sid}::uuid AND NOT (${live(now)})`;
  const ended = await end(gatePrisma(), which, { reason: "idle", now }, SYSTEM);
  await publishEnded(ended);
  return ended.length === 1;
}

/**
 * Ends what is overdue among sessions that `which` selects, `AT_ONCE` at most, and gives how many. This instance knows of
 * it then; the others are not waited for. A row that somebody else has locked is theirs.
 */
export async function endOverdue(db: Database, which: Prisma.Sql, now: Date): Promise<number> {
  const overdue = Prisma.sql`${which} AND NOT (${live(now)})`;
  const ended = await end(db, overdue, { reason: "idle", now }, SYSTEM, SKIP);
  apply(ended);
  return ended.length;
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

/**
 * Ends what a user has above `MOST_SESSIONS`, `AT_ONCE` at most, in the caller's transaction, which holds `lockUser`:
 * what is overdue first, then what was unused longest, never `keptId`.
 */
export async function endSurplusSessions(
  db: Database,
  { userId, keptId, now }: { userId: string; keptId: string; now: Date },
  actor: Actor,
): Promise<EndedRow[]> {
  const surplus = Prisma.sql`s.id IN (
    SELECT s.id FROM sessions s WHERE s.user_id = ${userId}::uuid AND s.ended_at IS NULL
    ORDER BY s.id = ${keptId}::uuid DESC, ${live(now)} DESC, s.last_seen_at DESC, s.id DESC
    OFFSET ${MOST_SESSIONS} LIMIT ${AT_ONCE})`;
  return end(db, surplus, { reason: "replaced", now }, actor);
}

type LockedUser = NonNullable<Awaited<ReturnType<typeof lockUser>>>;

/**
 * Ends every other live session of the caller's user, `AT_ONCE` in each transaction, until none is left; then waits for
 * every instance, once. Gives how many, or null when it had to stop: the caller was ended meanwhile, or `mayGoOn`, asked
 * in each transaction, refused. `finish` belongs to the last transaction: when it commits, no other session is live. What
 * it ends itself counts.
 */
export async function endOtherSessions(
  caller: { id: string; userId: string },
  { reason, now }: Ending,
  actor: Actor,
  {
    mayGoOn = () => true,
    finish = async () => [],
  }: { mayGoOn?: (user: LockedUser) => boolean; finish?: (db: Database) => Promise<EndedRow[]> } = {},
): Promise<number | null> {
  const { id, userId } = caller;
  const others = Prisma.sql`s.user_id = ${userId}::uuid AND s.id <> ${id}::uuid AND ${live(now)}`;
  const endSome = async (db: Database) => {
    const user = await lockUser(db, userId);
    if (!user || !mayGoOn(user) || !(await holdLive(db, id, now))) return null;
    const some = await end(db, others, { reason, byId: id, now }, actor);
    return some.length < AT_ONCE
      ? { isLast: true, ended: [...some, ...(await finish(db))] }
      : { isLast: false, ended: some };
  };

  let sum = 0;
  let done: Awaited<ReturnType<typeof endSome>>;
  do {
    done = await inTransaction(gatePrisma(), endSome);
    apply(done?.ended ?? []);
    sum += done?.ended.length ?? 0;
  } while (done && !done.isLast);
  // Also where it ended nothing: see `endSession`.
  forgetUser(userId);
  await fence();
  return done && sum;
}

/** Ends the session that asks, in a transaction that holds it live: the last step of ending all. */
export async function endCaller(
  db: Database,
  { id }: { id: string },
  ending: Ending,
  actor: Actor,
): Promise<EndedRow[]> {
  return end(db, Prisma.sql`s.id = ${id}::uuid`, { ...ending, byId: id }, actor);
}
