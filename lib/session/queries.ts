import "server-only";
import { type Actor, type EventDetail, recordEvent } from "@/lib/audit";
import { type Database, gatePrisma, inTransaction, pool } from "@/lib/db";
import { MOST_SESSIONS } from "@/lib/limits";
import { applyNotification } from "@/lib/revocation/notifications";
import { Prisma } from "@/prisma/client/client";
import type { Role } from "@/prisma/client/enums";
import type { Session, SessionWithUser, User } from "./session";

// The queries on single sessions. Lists are in lists.ts, revocation is in revoke.ts, background work in expire.ts; nobody
// else queries sessions.

/** SQL for the moment when the time of a session, `s`, is over: as `endsAt` computes it. */
export const LAPSES_AT = "least(s.expires_at, s.last_seen_at + make_interval(secs => s.idle_seconds))";

const listed = (endedAt: string, endedReason: string) => `
  s.id, s.user_id AS "userId", s.kind, s.amr, s.name, s.device_type AS "deviceType", s.browser, s.os, s.ip, s.location,
  s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", s.idle_seconds AS "idleSeconds",
  s.expires_at AS "expiresAt", ${endedAt} AS "endedAt", ${endedReason} AS "endedReason", s.ended_by_id AS "endedById",
  s.confirmed_at AS "confirmedAt"`;

/** The columns of a session, `s`, that lists need, under the names of the domain. */
export const LISTED = listed("s.ended_at", "s.ended_reason");

/** The same columns of a session that is overdue at $3, as they will be once the gate or the sweep has ended it. */
export const LISTED_AS_OVERDUE = listed(
  LAPSES_AT,
  "(CASE WHEN s.expires_at <= $3 THEN 'expired' ELSE 'idle' END)::ended_reason",
);

const SESSION = `${LISTED}, s.secret_hash AS "secretHash", s.auth_time AS "authTime", s.keep`;

// The most frequent statements are prepared ones: half the cost of Prisma's compiler, whose 80 MB a verifier then hardly ever loads.

const FIND = {
  name: "session-with-user",
  text: `SELECT ${SESSION}, u.email AS "userEmail", u.name AS "userName", u.disabled_at AS "userDisabledAt",
           u.email_verified_at AS "userEmailVerifiedAt", u.role AS "userRole"
         FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1`,
};

type Found = Session & {
  userEmail: string;
  userName: string;
  userDisabledAt: Date | null;
  userEmailVerifiedAt: Date | null;
  userRole: Role;
};

/** Finds the session `sid`, live or not, with its user: the one query of the gate. */
export async function findSession(sid: string): Promise<SessionWithUser | null> {
  const { rows } = await pool().query<Found>(FIND, [sid]);
  if (!rows[0]) return null;
  const { userEmail, userName, userDisabledAt, userEmailVerifiedAt, userRole, ...session } = rows[0];
  // A copy: node-postgres gives a view of a larger buffer, which the cache would keep alive.
  session.secretHash = new Uint8Array(session.secretHash);
  const user: User = {
    id: session.userId,
    email: userEmail,
    name: userName,
    disabled: userDisabledAt !== null,
    emailVerified: userEmailVerifiedAt !== null,
    role: userRole,
  };
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
  | "authTime"
> & {
  now: Date;
  /** What the event says besides. */
  detail: EventDetail;
};

/** Writes a new session and its event, inside the caller's transaction. */
export async function createSession(
  db: Database,
  { now, detail, ...session }: NewSession,
  actor: Actor,
): Promise<Session> {
  const created = await db.session.create({
    data: {
      ...session,
      secretHash: new Uint8Array(session.secretHash),
      createdAt: now,
      lastSeenAt: now,
    },
  });
  await recordEvent(
    db,
    { type: "session_started", userId: session.userId, sessionId: created.id, now, detail },
    actor,
  );
  return created;
}

/** SQL for "is live". It ignores whether the user is disabled: a trigger ends the sessions of a disabled user. */
export const live = (now: Date) => Prisma.sql`s.ended_at IS NULL AND ${Prisma.raw(LAPSES_AT)} > ${now}`;

/**
 * Sessions that one statement revokes at most. On an overloaded machine that takes a twentieth of the time-out, and nobody
 * waits long for the rows that it locks. docs/decisions/0011-ending-many.md
 */
export const AT_ONCE = 500;

/** Live sessions of a user: all, or one, if it is theirs, and perhaps those of programs. */
export type Which = "all" | { id: string | null; andApi: boolean };

/** SQL that selects these sessions on the alias `s`. */
export function sessionsOf(userId: string, which: Which, now: Date): Prisma.Sql {
  const isOne =
    which === "all"
      ? Prisma.sql`true`
      : Prisma.sql`(s.id = ${which.id}::uuid OR (${which.andApi} AND s.kind = 'api'))`;
  return Prisma.sql`s.user_id = ${userId}::uuid AND ${live(now)} AND ${isOne}`;
}

/** One live session of any user; for a browser that signs in again. */
export function replacedSession(id: string, now: Date): Prisma.Sql {
  return Prisma.sql`s.id = ${id}::uuid AND ${live(now)}`;
}

/**
 * The sessions of a user above `MOST_SESSIONS`: overdue ones first, then those unused longest, never `keptId`. The
 * transaction must hold `lockUser`.
 */
export function surplusSessions({ userId, keptId, now }: { userId: string; keptId: string; now: Date }) {
  return Prisma.sql`s.id IN (
    SELECT s.id FROM sessions s WHERE s.user_id = ${userId}::uuid AND s.ended_at IS NULL
    ORDER BY s.id = ${keptId}::uuid DESC, ${live(now)} DESC, s.last_seen_at DESC, s.id DESC
    OFFSET ${MOST_SESSIONS} LIMIT ${AT_ONCE})`;
}

/** Renames a live session of the user; a null name restores the default. Null if there is no such session. */
export async function renameSession(
  { id, userId, name, now }: { id: string; userId: string; name: string | null; now: Date },
  actor: Actor,
): Promise<Session | null> {
  const renamed = await inTransaction(gatePrisma(), async (db) => {
    if (!(await holdLive(db, id, now))) return null;
    const [row] = await db.session.updateManyAndReturn({
      where: { id, userId, endedAt: null },
      data: { name },
    });
    if (row)
      await recordEvent(db, { type: "session_renamed", userId, sessionId: id, now, detail: { name } }, actor);
    return row ?? null;
  });
  if (renamed) applyNotification({ kind: "changed", id, owner: userId });
  return renamed;
}

/** A new secret for a session whose person has just proved, by `amr` (RFC 8176), who they are. */
export type NewSecret = { secretHash: Uint8Array; amr: string[]; now: Date };

/**
 * Replaces the secret of a live session, which makes its old token worthless; inside the caller's transaction. Null if
 * `session` is not live any more, or its secret was replaced since it was read.
 */
export async function replaceSecret(
  db: Database,
  { id, userId, secretHash }: Session,
  { secretHash: next, amr, now }: NewSecret,
): Promise<Session | null> {
  const [row = null] = await db.session.updateManyAndReturn({
    where: { id, userId, endedAt: null, secretHash: new Uint8Array(secretHash) },
    data: { secretHash: new Uint8Array(next), amr, authTime: now },
  });
  return row;
}

/** A user in a transaction that holds `lockUser`. */
export type LockedUser = { passwordHash: string; disabled: boolean };

/**
 * Locks a user until the transaction ends, and returns the row as of now: other sign-ins, password changes and revocations of
 * several sessions wait. Null if there is no such user.
 */
export async function lockUser(db: Database, userId: string): Promise<LockedUser | null> {
  const [row] = await db.$queryRaw<{ password_hash: string; disabled_at: Date | null }[]>`
    SELECT password_hash, disabled_at FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
  return row ? { passwordHash: row.password_hash, disabled: row.disabled_at !== null } : null;
}

/** Whether a session is live. If so, locks it until the transaction ends. */
export async function holdLive(db: Database, sid: string, now: Date): Promise<boolean> {
  const rows = await db.$queryRaw<
    unknown[]
  >`SELECT 1 FROM sessions s WHERE s.id = ${sid}::uuid AND ${live(now)} FOR NO KEY UPDATE`;
  return rows.length > 0;
}

/**
 * Records that the device of an ended session knows of the end. Returns the seconds since the end, or null for a second
 * receipt: only the first counts.
 */
export async function confirmEnded(sid: string, now: Date): Promise<number | null> {
  const [row] = await gatePrisma().$queryRaw<{ seconds: number }[]>`
    UPDATE sessions SET confirmed_at = greatest(${now}, ended_at)
    WHERE id = ${sid}::uuid AND ended_at IS NOT NULL AND confirmed_at IS NULL
    RETURNING extract(epoch FROM confirmed_at - ended_at)::float8 AS seconds`;
  return row?.seconds ?? null;
}

const TOUCH = {
  name: "sessions-that-were-seen",
  text: `UPDATE sessions s SET last_seen_at = seen.at FROM unnest($1::uuid[], $2::timestamptz[]) AS seen(id, at)
         WHERE s.id = seen.id AND s.last_seen_at < seen.at AND s.ended_at IS NULL
           AND s.id IN (SELECT id FROM sessions WHERE id = ANY($1) AND ended_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)`,
};

/** Writes when sessions were last seen: only live rows, only forwards, skipping locked rows. */
export async function writeTouches(seen: Map<string, Date>): Promise<void> {
  await pool().query(TOUCH, [[...seen.keys()], [...seen.values()]]);
}

const FIND_OVER = {
  name: "sessions-that-have-ended",
  text: `SELECT wanted.id FROM unnest($1::uuid[]) AS wanted(id)
         WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = wanted.id AND s.ended_at IS NULL)`,
};

/** Returns which of these sessions have ended: their rows say so, or are gone. */
export async function whichHaveEnded(sids: string[]): Promise<string[]> {
  return (await pool().query<{ id: string }>(FIND_OVER, [sids])).rows.map((row) => row.id);
}

/** Returns which of these sessions are no longer live; for streams, while no notifications can arrive. */
export async function whichEnded(sids: string[], now: Date): Promise<string[]> {
  const rows = await gatePrisma().$queryRaw<{ id: string }[]>`
    SELECT wanted.id::text FROM unnest(${sids}::uuid[]) AS wanted(id)
    WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = wanted.id AND ${live(now)})`;
  return rows.map((row) => row.id);
}
