import "server-only";
import { type Database, pool, prisma } from "@/lib/db";
import { Prisma } from "@/prisma/client/client";
import type { EndedReason } from "@/prisma/client/enums";
import { fence } from "./fence";
import { forget, forgetUser } from "./memory";
import { applyNews } from "./news";
import { endsAt, type Known, type Session } from "./session";

// The only queries on sessions. Everything that ends one goes through `end` below.

/** Who does something, and from where: kept with security events. */
export type Actor = { ip: string | null; userAgent: string | null; requestId: string | null };

/** Nobody in particular: the sweeper. */
export const SYSTEM: Actor = { ip: null, userAgent: null, requestId: null };

/** The columns of a session, `s`, under the names of the domain. */
const SESSION = `s.id, s.user_id AS "userId", s.kind, s.secret_hash AS "secretHash", s.amr, s.auth_time AS "authTime",
  s.keep, s.name, s.device_type AS "deviceType", s.browser, s.os, s.ip, s.location, s.created_at AS "createdAt",
  s.last_seen_at AS "lastSeenAt", s.idle_seconds AS "idleSeconds", s.expires_at AS "expiresAt",
  s.ended_at AS "endedAt", s.ended_reason AS "endedReason", s.ended_by_id AS "endedById", s.confirmed_at AS "confirmedAt"`;

// What is read most is read by prepared statements on the pool, at half the cost of the client's query compiler.

const FIND = {
  name: "session-with-user",
  text: `SELECT ${SESSION}, u.email AS "userEmail", u.name AS "userName", u.disabled_at AS "userDisabledAt"
         FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1`,
};

type Found = Session & { userEmail: string; userName: string; userDisabledAt: Date | null };

/** The session `sid` with its user, live or not, or null: the one query of the gate. */
export async function findSession(sid: string): Promise<Known | null> {
  const { rows } = await pool().query<Found>(FIND, [sid]);
  if (!rows[0]) return null;
  const { userEmail, userName, userDisabledAt, ...session } = rows[0];
  // A copy: node-postgres gives a view of a larger buffer, which would be remembered with it.
  session.secretHash = new Uint8Array(session.secretHash);
  const user = { id: session.userId, email: userEmail, name: userName, disabled: userDisabledAt !== null };
  return { session, user };
}

export type NewSession = Pick<
  Session,
  | "userId"
  | "kind"
  | "secretHash"
  | "amr"
  | "keep"
  | "name"
  | "deviceType"
  | "browser"
  | "os"
  | "ip"
  | "location"
  | "idleSeconds"
  | "expiresAt"
> & { now: Date };

/** Writes a new session and its event, inside the caller's transaction. */
export async function createSession(
  db: Database,
  { now, ...session }: NewSession,
  actor: Actor,
): Promise<Session> {
  const created = await db.session.create({
    data: {
      ...session,
      secretHash: new Uint8Array(session.secretHash),
      authTime: now,
      createdAt: now,
      lastSeenAt: now,
    },
  });
  await recordEvent(
    db,
    { type: "session_started", userId: session.userId, sessionId: created.id, now },
    actor,
  );
  return created;
}

export type EventType =
  | "signed_up"
  | "sign_up_refused"
  | "session_started"
  | "session_renamed"
  | "login_failed"
  | "login_blocked"
  | "password_changed";

/** Writes a security event. Give it the transaction of what it records. A user who was deleted meanwhile is left out. */
export async function recordEvent(
  db: Database,
  event: { type: EventType; userId: string | null; sessionId?: string | null; now: Date },
  actor: Actor,
): Promise<void> {
  const { type, userId, sessionId = null, now } = event;
  const { ip, userAgent, requestId } = actor;
  await db.$executeRaw`
    INSERT INTO security_events (type, user_id, session_id, ip, user_agent, request_id, created_at)
    VALUES (${type}, (SELECT id FROM users WHERE id = ${userId}::uuid FOR KEY SHARE), ${sessionId}::uuid,
      ${ip}, ${userAgent}, ${requestId}, ${now})`;
}

/** Live by its own row; whether its user is disabled, `end` of the trigger has settled. */
const live = (now: Date) => Prisma.sql`
  s.ended_at IS NULL AND s.expires_at > ${now} AND s.last_seen_at + make_interval(secs => s.idle_seconds) > ${now}`;

const LIST_NOT_ENDED = {
  name: "sessions-of-user-not-ended",
  text: `SELECT ${SESSION} FROM sessions s WHERE s.user_id = $1 AND s.ended_at IS NULL
         ORDER BY s.id = $2 DESC, s.last_seen_at DESC, s.id DESC`,
};

/**
 * The live sessions of a user: `currentId` first, then the latest seen. What is overdue is ended, so that it stands in
 * the history instead and nowhere twice.
 */
export async function listLiveSessions(userId: string, currentId: string, now: Date): Promise<Session[]> {
  const { rows } = await pool().query<Session>(LIST_NOT_ENDED, [userId, currentId]);
  // The caller's own is live: the gate said so, perhaps knowing of a use that is still to be written.
  const live = rows.filter((each) => each.id === currentId || endsAt(each) > now);
  if (live.length < rows.length) {
    const others = Prisma.sql`s.user_id = ${userId}::uuid AND s.id <> ${currentId}::uuid`;
    await publishEnded(await endOverdue(others, now));
  }
  return live;
}

/** An ended session with what names the one that ended it. */
export type EndedSession = Session & { endedBy: Pick<Session, "name" | "browser" | "os" | "kind"> | null };

const ENDED = `
  SELECT ${SESSION}, CASE WHEN e.id IS NOT NULL
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

/** Gives a live session of the user a name, or with null its default one back. Null when there is no such session. */
export async function renameSession(
  { id, userId, name, now }: { id: string; userId: string; name: string | null; now: Date },
  actor: Actor,
): Promise<Session | null> {
  const renamed = await prisma().$transaction(async (db) => {
    if (!(await holdLive(db, id, now))) return null;
    const [row] = await db.session.updateManyAndReturn({
      where: { id, userId, endedAt: null },
      data: { name },
    });
    if (row) await recordEvent(db, { type: "session_renamed", userId, sessionId: id, now }, actor);
    return row ?? null;
  });
  if (renamed) applyNews({ kind: "changed", sessionId: id, userId });
  return renamed;
}

/** Gives a live session a new secret, so that its old token is worth nothing; inside the caller's transaction. */
export async function replaceSecret(
  db: Database,
  { id, userId, secretHash, now }: { id: string; userId: string; secretHash: Uint8Array; now: Date },
): Promise<boolean> {
  const { count } = await db.session.updateMany({
    where: { id, userId, endedAt: null },
    data: { secretHash: new Uint8Array(secretHash), authTime: now },
  });
  return count === 1;
}

/**
 * Holds back every other sign-in, password change and ending of several sessions of this user until the transaction
 * ends, and gives the user as of now. Null when there is no such user.
 */
export async function lockUser(
  db: Database,
  userId: string,
): Promise<{ passwordHash: string; disabled: boolean } | null> {
  const [row] = await db.$queryRaw<{ password_hash: string; disabled_at: Date | null }[]>`
    SELECT password_hash, disabled_at FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
  return row ? { passwordHash: row.password_hash, disabled: row.disabled_at !== null } : null;
}

/** Whether a session is live. If so, its row is there until the transaction ends, so that others may refer to it. */
export async function holdLive(db: Database, sid: string, now: Date): Promise<boolean> {
  const rows = await db.$queryRaw<
    unknown[]
  >`SELECT 1 FROM sessions s WHERE s.id = ${sid}::uuid AND ${live(now)} FOR KEY SHARE`;
  return rows.length > 0;
}

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
  const ended = await end(prisma(), which, ending, actor);
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

/** Rows that one statement of the sweep looks at: however many there are, each takes a moment and locks little. */
const AT_ONCE = 10_000;

/** Ends every session whose time is over, `atOnce` rows of the table after the other; gives how many. */
export async function endOverdueSessions(now: Date, atOnce = AT_ONCE): Promise<number> {
  return inRanges("sessions", atOnce, async (after, last) => {
    const ended = await endOverdue(Prisma.sql`s.id > ${after}::uuid AND s.id <= ${last}::uuid`, now);
    await publishEnded(ended);
    return ended.length;
  });
}

async function endOverdue(which: Prisma.Sql, now: Date): Promise<EndedRow[]> {
  const expired = Prisma.sql`s.expires_at <= ${now}`;
  const idle = Prisma.sql`NOT (${expired}) AND s.last_seen_at + make_interval(secs => s.idle_seconds) <= ${now}`;
  const byExpiry = await end(
    prisma(),
    Prisma.sql`${which} AND ${expired}`,
    { reason: "expired", now },
    SYSTEM,
  );
  const byIdling = await end(prisma(), Prisma.sql`${which} AND ${idle}`, { reason: "idle", now }, SYSTEM);
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

/**
 * Notes that the device of an ended session knows of its end. Gives the seconds that took, or null when it was known
 * before: only the first receipt counts.
 */
export async function confirmEnded(sid: string, now: Date): Promise<number | null> {
  const [row] = await prisma().$queryRaw<{ seconds: number }[]>`
    UPDATE sessions SET confirmed_at = greatest(${now}, ended_at)
    WHERE id = ${sid}::uuid AND ended_at IS NOT NULL AND confirmed_at IS NULL
    RETURNING extract(epoch FROM confirmed_at - ended_at)::float8 AS seconds`;
  return row?.seconds ?? null;
}

/** Writes when sessions were last seen: live rows only, only forwards, and never waiting for a row that is locked. */
export async function writeSeen(seen: Map<string, Date>): Promise<void> {
  const ids = [...seen.keys()];
  const times = [...seen.values()];
  await prisma().$executeRaw`
    UPDATE sessions s SET last_seen_at = seen.at
    FROM (SELECT * FROM unnest(${ids}::uuid[], ${times}::timestamptz[]) AS t(id, at)) AS seen
    WHERE s.id = seen.id AND s.last_seen_at < seen.at AND s.ended_at IS NULL
      AND s.id IN (SELECT id FROM sessions WHERE id = ANY(${ids}::uuid[]) AND ended_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)`;
}

/** Which of these sessions are not live any more; for streams, while no news can arrive. */
export async function whichEnded(sids: string[], now: Date): Promise<string[]> {
  const rows = await prisma().$queryRaw<{ id: string }[]>`
    SELECT wanted.id::text FROM unnest(${sids}::uuid[]) AS wanted(id)
    WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = wanted.id AND ${live(now)})`;
  return rows.map((row) => row.id);
}

/** Deletes ended sessions and events from before `before`, `atOnce` after the other; gives how many rows went. */
export async function purge(before: Date, atOnce = AT_ONCE): Promise<number> {
  const remove = async (table: Table, isOld: Prisma.Sql) =>
    inRanges(table, atOnce, async (after, last) => {
      const name = Prisma.raw(table);
      return prisma().$executeRaw`
        DELETE FROM ${name} WHERE id IN (
          SELECT id FROM ${name} WHERE id > ${after}::uuid AND id <= ${last}::uuid AND ${isOld}
          ORDER BY id FOR UPDATE SKIP LOCKED)`;
    });
  const sessions = await remove("sessions", Prisma.sql`ended_at < ${before}`);
  const events = await remove("security_events", Prisma.sql`created_at < ${before}`);
  return sessions + events;
}

type Table = "sessions" | "security_events";

/** Walks over a table by its primary key: `each` gets ranges of ids, from above `after` up to `last`. Sums its counts. */
async function inRanges(
  table: Table,
  atOnce: number,
  each: (after: string, last: string) => Promise<number>,
): Promise<number> {
  let sum = 0;
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const [row] = await prisma().$queryRaw<{ id: string }[]>`
      SELECT id::text FROM ${Prisma.raw(table)} WHERE id > ${after}::uuid ORDER BY id OFFSET ${atOnce - 1} LIMIT 1`;
    sum += await each(after, row?.id ?? "ffffffff-ffff-ffff-ffff-ffffffffffff");
    if (!row) return sum;
    after = row.id;
  }
}

/** Whether a user has signed in from an address, as far back as sessions are kept. */
export async function hasSessionFrom(userId: string, ip: string): Promise<boolean> {
  const found = await prisma().session.findFirst({ where: { userId, ip }, select: { id: true } });
  return found !== null;
}
