import "server-only";
import { type Actor, SYSTEM } from "@/lib/audit";
import { type Database, gatePrisma, inTransaction } from "@/lib/db";
import { barrier } from "@/lib/revocation/barrier";
import { noteEnded } from "@/lib/revocation/ended";
import { applyNotification } from "@/lib/revocation/notifications";
import { Prisma, type PrismaClient } from "@/prisma/client/client";
import type { EndedReason } from "@/prisma/client/enums";
import { sessionCache } from "./cache";
import {
  AT_ONCE,
  holdLive,
  LAPSES_AT,
  type LockedUser,
  live,
  lockUser,
  sessionsOf,
  type Which,
} from "./queries";
import type { Session } from "./session";

// The one door for revoking sessions. A revocation is committed, then applied to this process, then acknowledged by every
// other instance (the barrier), and only then may the caller answer. No other file commits one, so none can forget the rest.

type Ending = {
  /** A session whose time was already over gets that as its reason instead. */
  reason: EndedReason;
  /** The session that revokes, if it is another one. */
  byId?: string;
  now: Date;
};

/** A revoked session, with what it takes to name it. */
export type Revoked = Pick<Session, "id" | "userId" | "name" | "browser" | "os" | "kind">;

/** Revokes sessions that `which` selects on the alias `s`, `AT_ONCE` at most. If there are fewer, none is left. */
export type Revoke = (which: Prisma.Sql, ending: Ending, actor: Actor) => Promise<Revoked[]>;

/** Who asks, and when. */
type Context = { now: Date; actor: Actor };

/**
 * Runs `work` in a transaction in which it may revoke. Resolves after the commit, once every instance refuses the revoked
 * sessions. Throws database errors, and `NotAcknowledged`: then the caller must not claim success.
 */
export async function revoking<T>(
  work: (db: Database, revoke: Revoke) => Promise<T>,
  client: PrismaClient = gatePrisma(),
): Promise<T> {
  const { result, revoked } = await committed(work, client);
  if (revoked.length > 0) await barrier();
  return result;
}

/**
 * Revokes one live session of the caller's user, perhaps the caller itself. Null if it does not exist or has already ended.
 * Null, too, comes only after the barrier: the call may repeat one whose server died before it could wait for the others.
 */
export async function revokeSession(
  caller: Session,
  id: string,
  { now, actor }: Context,
): Promise<Revoked | null> {
  const ofUser = Prisma.sql`s.id = ${id}::uuid AND s.user_id = ${caller.userId}::uuid AND ${live(now)}`;
  const isOwn = id === caller.id;
  // Held as by `holdLive`: the ended row refers to it.
  const byLiveCaller = Prisma.sql`${ofUser} AND EXISTS (
    SELECT 1 FROM sessions c WHERE c.id = ${caller.id}::uuid AND c.ended_at IS NULL FOR KEY SHARE)`;
  // One statement, so no transaction around it.
  const [revoked = null] = isOwn
    ? await revokeRows(gatePrisma(), ofUser, { reason: "logout", now }, actor)
    : await revokeRows(
        gatePrisma(),
        byLiveCaller,
        { reason: "ended_from_another_device", byId: caller.id, now },
        actor,
      );
  sessionCache().invalidate(id);
  applyRevoked(revoked ? [revoked] : []);
  await barrier();
  return revoked;
}

/** Revokes the session that the gate found, live or ended: once this resolves, every instance refuses it. */
export async function revokeOwnSession(
  { session }: { ok: boolean; session?: Session },
  context: Context,
): Promise<Revoked | null> {
  return session ? revokeSession(session, session.id, context) : null;
}

type Steps = {
  /** Called in each transaction; false stops. */
  mayGoOn?: (user: LockedUser, db: Database) => boolean | Promise<boolean>;
  /** Runs in the last transaction: when that commits, none that was to end is live. What it revokes is counted. */
  finish?: (db: Database, revoke: Revoke) => Promise<unknown>;
  client?: PrismaClient;
};

/**
 * Revokes every other live session of the caller's user, `AT_ONCE` in each transaction, until none is left; then passes
 * one barrier. Returns how many, or null if it had to stop: the caller was revoked meanwhile, or `mayGoOn` refused. When two
 * devices do this to each other at once, one of them gets null.
 */
export async function revokeOtherSessions(
  caller: Session,
  { now, actor }: Context,
  { reason = "logout_others", mayGoOn = () => true, ...steps }: Steps & { reason?: EndedReason } = {},
): Promise<number | null> {
  const { id, userId } = caller;
  const which = Prisma.sql`s.user_id = ${userId}::uuid AND s.id <> ${id}::uuid AND ${live(now)}`;
  return revokeInSteps(userId, which, { reason, byId: id, now }, actor, {
    ...steps,
    mayGoOn: async (user, db) => (await mayGoOn(user, db)) && holdLive(db, id, now),
  });
}

/** The same, on another authority than a session of the user's: a link in a mail, an administrator. Null without a user, too. */
export async function revokeSessionsOf(
  { userId, which, reason }: { userId: string; which: Which; reason: EndedReason },
  { now, actor }: Context,
  steps: Steps = {},
): Promise<number | null> {
  return revokeInSteps(userId, sessionsOf(userId, which, now), { reason, now }, actor, steps);
}

async function revokeInSteps(
  userId: string,
  which: Prisma.Sql,
  ending: Ending,
  actor: Actor,
  { mayGoOn = () => true, finish = async () => {}, client = gatePrisma() }: Steps,
): Promise<number | null> {
  const revokeSome = async (db: Database, revoke: Revoke): Promise<"some" | "all" | "stopped"> => {
    const user = await lockUser(db, userId);
    if (!user || !(await mayGoOn(user, db))) return "stopped";
    const some = await revoke(which, ending, actor);
    if (some.length === AT_ONCE) return "some";
    await finish(db, revoke);
    return "all";
  };
  let sum = 0;
  let step: Committed<"some" | "all" | "stopped">;
  do {
    step = await committed(revokeSome, client);
    sum += step.revoked.length;
  } while (step.result === "some");
  // Also where it revoked nothing: see `revokeSession`.
  sessionCache().invalidateOwner(userId);
  await barrier();
  return step.result === "all" ? sum : null;
}

/**
 * Revokes every live session of the caller's user. The caller's own goes last, so that an interrupted call can be repeated.
 * Returns how many; null as above.
 */
export async function revokeAllSessions(caller: Session, context: Context): Promise<number | null> {
  const { now, actor } = context;
  const own = Prisma.sql`s.id = ${caller.id}::uuid`;
  return revokeOtherSessions(caller, context, {
    reason: "logout_all",
    finish: (_, revoke) => revoke(own, { reason: "logout_all", byId: caller.id, now }, actor),
  });
}

/** Ends a session whose time is over. Another instance may have seen its device since, so the row decides. */
export async function expireSession(sid: string, now: Date): Promise<void> {
  const which = Prisma.sql`s.id = ${sid}::uuid AND NOT (${live(now)})`;
  const revoked = await revokeRows(gatePrisma(), which, { reason: "idle", now }, SYSTEM);
  applyRevoked(revoked);
  if (revoked.length > 0) await barrier();
}

/**
 * Ends overdue sessions among those that `which` selects, `AT_ONCE` at most; returns how many. It needs no barrier: every
 * instance refuses such a session by its own clock. Skips rows that are locked.
 */
export async function expireSessions(db: Database, which: Prisma.Sql, now: Date): Promise<number> {
  const overdue = Prisma.sql`${which} AND NOT (${live(now)})`;
  const revoked = await revokeRows(db, overdue, { reason: "idle", now }, SYSTEM, Prisma.sql`SKIP LOCKED`);
  applyRevoked(revoked);
  return revoked.length;
}

type Committed<T> = { result: T; revoked: Revoked[] };

/** Runs a transaction, again if PostgreSQL rolled it back, and applies to this process what the committed run revoked. */
async function committed<T>(
  work: (db: Database, revoke: Revoke) => Promise<T>,
  client: PrismaClient,
): Promise<Committed<T>> {
  const done = await inTransaction(client, async (db) => {
    const revoked: Revoked[] = [];
    const result = await work(db, async (...args) => {
      const some = await revokeRows(db, ...args);
      revoked.push(...some);
      return some;
    });
    return { result, revoked };
  });
  applyRevoked(done.revoked);
  return done;
}

/** Applies committed revocations to this process. */
function applyRevoked(revoked: Revoked[]): void {
  for (const { id, userId } of revoked) {
    noteEnded(id);
    applyNotification({ kind: "ended", id, owner: userId });
  }
}

/**
 * The only statement that ends sessions; it writes their events, too. It skips sessions that have already ended. One whose
 * time was over gets that moment as its end, and that as its reason.
 */
async function revokeRows(
  db: Database,
  which: Prisma.Sql,
  { reason, byId, now }: Ending,
  actor: Actor,
  locked: Prisma.Sql = Prisma.empty,
): Promise<Revoked[]> {
  // Every revocation locks rows in the same order, so two that overlap cannot deadlock. It is the order of the index
  // `sessions_of_user`; `ended_at` is null here, so the latest sign-ins go first.
  return db.$queryRaw`
    WITH doomed AS (
      SELECT s.id FROM sessions s WHERE s.ended_at IS NULL AND ${which}
      ORDER BY s.ended_at DESC, s.id DESC LIMIT ${AT_ONCE} FOR NO KEY UPDATE ${locked}
    ), ended AS (
      UPDATE sessions s
      SET ended_at = greatest(s.created_at, least(${now}, ${Prisma.raw(LAPSES_AT)})),
        ended_by_id = ${byId ?? null}::uuid,
        ended_reason = CASE
          WHEN s.expires_at <= ${now} THEN 'expired'
          WHEN NOT (${live(now)}) THEN 'idle'
          ELSE ${reason} END::ended_reason
      FROM doomed WHERE s.id = doomed.id AND s.ended_at IS NULL
      RETURNING s.id, s.user_id, s.ended_reason, s.name, s.browser, s.os, s.kind
    ), noted AS (
      INSERT INTO security_events (type, user_id, session_id, ip, user_agent, request_id, detail, created_at)
      SELECT 'session_ended', user_id, id, ${actor.ip}, ${actor.userAgent}, ${actor.requestId},
        jsonb_build_object('reason', ended_reason::text, 'by', ${byId ?? null}::text), ${now}
      FROM ended
    )
    SELECT id::text, user_id::text AS "userId", name, browser, os, kind::text FROM ended`;
}
