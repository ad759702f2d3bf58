import { hash } from "@node-rs/argon2";
import type pg from "pg";
import type { User } from "@/prisma/client/client";
import { randomName } from "./secrets";
import { freshSecret, hashOf } from "./tokens";

// People and sessions written straight into a database: a hundred times faster than signing up.

export const PASSWORD = "seventeen green umbrellas";

export type Person = { id: string; email: string; name: string; password: string };

let passwordHash: Promise<string> | undefined;

/** The hash of PASSWORD, computed once per process with the parameters of the app. */
export function hashOfPassword(): Promise<string> {
  passwordHash ??= hash(PASSWORD, { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 });
  return passwordHash;
}

/** An address that nobody else has. */
export function freshEmail(): string {
  return `${randomName()}@example.com`;
}

/** Adds a user, whose password is PASSWORD. */
export async function addPerson(
  db: pg.Pool,
  {
    email = freshEmail(),
    name = "Ada",
    disabled = false,
    verified = false,
    role = "user",
  }: { email?: string; name?: string; disabled?: boolean; verified?: boolean; role?: "user" | "admin" } = {},
): Promise<Person> {
  const { rows } = await db.query<{ id: string }>(
    "INSERT INTO users (email, name, password_hash, disabled_at) VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END) RETURNING id",
    [email, name, await hashOfPassword(), disabled],
  );
  const id = rows[0]?.id ?? "";
  // Apart, since the tests of migrations add people to databases that do not have these columns yet.
  if (verified) await db.query("UPDATE users SET email_verified_at = now() WHERE id = $1", [id]);
  if (role !== "user") await db.query("UPDATE users SET role = $2 WHERE id = $1", [id, role]);
  return { id, email, name, password: PASSWORD };
}

/** The row of somebody who was added so, as the app reads it. */
export async function accountOf({ id }: Person): Promise<User> {
  const { findAccountById } = await import("@/lib/account/account");
  const row = await findAccountById(id);
  if (!row) throw new Error("There is no such account.");
  return row;
}

/** Columns of a session that a test cares about. Times are ages in seconds before now, as the database counts it. */
export type SessionFacts = {
  kind?: "api" | "browser";
  name?: string | null;
  ip?: string | null;
  startedAgo?: number;
  /** When the person last proved who they are: just now, unless a test says otherwise. */
  provedAgo?: number;
  seenAgo?: number;
  idleSeconds?: number;
  /** Seconds from now to the absolute end; negative when it is over. */
  endsIn?: number;
  endedAgo?: number | null;
  reason?: string;
};

export type Row = { id: string; userId: string; secret: string };

/** Adds a live session, or with `endedAgo` an ended one. */
export async function addSession(
  db: pg.Pool,
  person: Pick<Person, "id">,
  {
    kind = "api",
    name = null,
    ip = null,
    startedAgo = 0,
    provedAgo = 0,
    seenAgo = startedAgo,
    idleSeconds = 7200,
    endsIn = 86_400 - startedAgo,
    endedAgo = null,
    reason = "logout",
  }: SessionFacts = {},
): Promise<Row> {
  const secret = freshSecret();
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO sessions (user_id, kind, secret_hash, amr, auth_time, name, device_type, ip, created_at, last_seen_at,
                           idle_seconds, expires_at, ended_at, ended_reason)
     VALUES ($1, $2, $3, '{pwd}', now() - make_interval(secs => $12), $4, 'api', $5, now() - make_interval(secs => $6),
             now() - make_interval(secs => $7), $8, now() + make_interval(secs => $9),
             now() - make_interval(secs => $10), CASE WHEN $10 IS NOT NULL THEN $11::ended_reason END)
     RETURNING id`,
    [
      person.id,
      kind,
      hashOf(secret),
      name,
      ip,
      startedAgo,
      seenAgo,
      idleSeconds,
      endsIn,
      endedAgo,
      reason,
      provedAgo,
    ],
  );
  return { id: rows[0]?.id ?? "", userId: person.id, secret };
}

/**
 * Adds many sessions in one statement, each a second older and seen a second longer ago than the one before. Gives
 * nothing back: nobody holds their secrets.
 */
export async function addSessions(
  db: pg.Pool,
  person: Pick<Person, "id">,
  count: number,
  {
    idleSeconds = 30 * 86_400,
    endedAgo = null,
    startedDaysAgo = 1,
  }: Pick<SessionFacts, "idleSeconds" | "endedAgo"> & { startedDaysAgo?: number } = {},
): Promise<void> {
  await db.query(
    `INSERT INTO sessions (user_id, kind, secret_hash, amr, auth_time, device_type, created_at, last_seen_at,
                           idle_seconds, expires_at, ended_at, ended_reason)
     SELECT $1, 'api', decode(md5(n::text) || md5(n::text), 'hex'), '{pwd}', at, 'api', at, at,
            $3, now() + interval '1 day', now() - make_interval(secs => $4), CASE WHEN $4 IS NOT NULL THEN 'logout'::ended_reason END
     FROM (SELECT n, now() - make_interval(days => $5, secs => n) AS at FROM generate_series(1, $2::int) AS n) AS rows`,
    [person.id, count, idleSeconds, endedAgo, startedDaysAgo],
  );
}
