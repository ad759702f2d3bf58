import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { purgeLinks } from "@/lib/account/link/links";
import { purgePlaces } from "@/lib/account/sign-in/known-places";
import { RETENTION } from "@/lib/limits";
import { expireOverdueSessions, purge } from "@/lib/session/expire";
import { sweep } from "@/lib/sweep";
import { DAYS, SECONDS } from "@/lib/time";
import { ownDatabase } from "../support/database/database";
import { addPerson, addSession, addSessions, type Person, type Row } from "../support/people/people";

const db = ownDatabase();
afterAll(() => db.end());

let person: Person;
beforeEach(async () => {
  await db.query("TRUNCATE users, sessions, security_events, rate_limits CASCADE");
  person = await addPerson(db);
});

const reasonOf = async ({ id }: Row) =>
  (await db.query("SELECT ended_reason FROM sessions WHERE id = $1", [id])).rows[0]?.ended_reason;
const IDLE = { startedAgo: 7_300, idleSeconds: 7_200 };

/** Statements of that kind fail for a session, or for every one, until it is mended. */
async function refuse(statement: "UPDATE" | "DELETE", row?: Row): Promise<() => Promise<void>> {
  await db.query(`
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
    CREATE TRIGGER refuse BEFORE ${statement} ON sessions FOR EACH ROW
      ${row ? `WHEN (OLD.id = '${row.id}')` : ""} EXECUTE FUNCTION refuse();`);
  return async () => void (await db.query("DROP TRIGGER refuse ON sessions"));
}

const remaining = async (table: string) =>
  (await db.query<{ id: string }>(`SELECT id FROM ${table} ORDER BY id`)).rows.map((row) => row.id);

describe("the sweep", () => {
  test("ends what is overdue, for the reason that applies, and nothing else", async () => {
    const live = await addSession(db, person);
    const idle = await addSession(db, person, { startedAgo: 7_300, idleSeconds: 7_200 });
    const expired = await addSession(db, person, { startedAgo: 7_300, seenAgo: 10, endsIn: -5 });
    const both = await addSession(db, person, { startedAgo: 90_000, seenAgo: 90_000, endsIn: -5 });
    const ended = await addSession(db, person, { startedAgo: 90_000, endedAgo: 60, endsIn: -5 });
    expect(await expireOverdueSessions(new Date())).toBe(3);
    expect(await Promise.all([live, idle, expired, both, ended].map(reasonOf))).toEqual([
      null,
      "idle",
      "expired",
      "expired",
      "logout",
    ]);
    const { rows } = await db.query("SELECT count(*)::int FROM security_events WHERE type = 'session_ended'");
    expect(rows[0].count).toBe(3);
    expect(await expireOverdueSessions(new Date())).toBe(0);
  });

  test("ends all of them, however few it looks at in one go", async () => {
    for (let count = 0; count < 10; count += 1)
      await addSession(db, person, count % 2 ? {} : { startedAgo: 7_300, idleSeconds: 7_200 });
    expect(await expireOverdueSessions(new Date(), 3)).toBe(5);
    expect(await expireOverdueSessions(new Date(), 1)).toBe(0);
  });

  test("by two servers at once ends each session once", async () => {
    for (let count = 0; count < 30; count += 1)
      await addSession(db, person, { startedAgo: 7_300, idleSeconds: 7_200 });
    const now = new Date();
    const counts = await Promise.all([
      expireOverdueSessions(now),
      expireOverdueSessions(now),
      expireOverdueSessions(now),
    ]);
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(30);
    const { rows } = await db.query("SELECT count(*)::int FROM security_events");
    expect(rows[0].count).toBe(30);
  });

  test("ends 100,000 that are overdue, in one go", { timeout: 180_000 }, async () => {
    await addSessions(db, person, 100_000, { idleSeconds: 3_600 });
    const live = await addSession(db, person);
    expect(await expireOverdueSessions(new Date())).toBe(100_000);
    const { rows } = await db.query("SELECT id FROM sessions WHERE ended_at IS NULL");
    expect(rows).toEqual([{ id: live.id }]);
  });

  test("waits for no row that somebody else has in hand", async () => {
    const [held, other] = [await addSession(db, person, IDLE), await addSession(db, person, IDLE)];
    const holder = await db.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT FROM sessions WHERE id = $1 FOR UPDATE", [held.id]);
    expect(await expireOverdueSessions(new Date())).toBe(1);
    await holder.query("ROLLBACK");
    holder.release();
    expect(await Promise.all([held, other].map(reasonOf))).toEqual([null, "idle"]);
  });

  test("goes on behind a range that fails", async () => {
    const rows: Row[] = [];
    for (let count = 0; count < 6; count += 1) rows.push(await addSession(db, person, IDLE));
    const mend = await refuse("UPDATE", rows[2]);
    expect(await expireOverdueSessions(new Date(), 2)).toBe(4);
    await mend();
    expect(await expireOverdueSessions(new Date())).toBe(2);
  });

  test("gives up on a step where range after range fails, and does the other steps all the same", async () => {
    for (let count = 0; count < 4; count += 1) await addSession(db, person, IDLE);
    const old = await addSession(db, person, { startedAgo: 200 * 86_400, endedAgo: 100 * 86_400 });
    await db.query("INSERT INTO rate_limits VALUES ('old', 1, 1)");
    const mend = await refuse("UPDATE");
    await expect(expireOverdueSessions(new Date(), 1)).rejects.toThrow();
    await sweep(new Date());
    await mend();
    expect(await remaining("sessions")).not.toContain(old.id);
    expect((await db.query("SELECT key FROM rate_limits")).rows).toEqual([]);
  });

  test("clears counters that have run out", async () => {
    const now = Date.now();
    await db.query("INSERT INTO rate_limits VALUES ('old', 1, $1), ('new', 1, $2), ('for ever', 1, NULL)", [
      now - 1,
      now + 60_000,
    ]);
    await sweep(new Date(now));
    const { rows } = await db.query("SELECT key FROM rate_limits ORDER BY key");
    expect(rows.map((row) => row.key)).toEqual(["for ever", "new"]);
  });
});

describe("the purge", () => {
  const day = DAYS / SECONDS;
  const long = (days: number) => ({ startedAgo: (days + 1) * day, endedAgo: days * day });

  test("deletes what ended before the retention began, and keeps the rest", async () => {
    await addSession(db, person, long(91));
    const recent = await addSession(db, person, long(89));
    const live = await addSession(db, person, { startedAgo: 200 * day, seenAgo: 0, endsIn: day });
    expect(await purge(new Date(Date.now() - RETENTION))).toBe(1);
    expect(await remaining("sessions")).toEqual([recent.id, live.id].sort());
  });

  test("deletes old events too, and an event outlives its session", async () => {
    const old = await addSession(db, person, long(91));
    const event =
      "INSERT INTO security_events (type, user_id, session_id, created_at) VALUES ('x', $1, $2, now() - $3::interval) RETURNING id";
    await db.query(event, [person.id, old.id, "91 days"]);
    const { rows } = await db.query(event, [person.id, old.id, "1 day"]);
    expect(await purge(new Date(Date.now() - RETENTION))).toBe(2);
    expect(await remaining("security_events")).toEqual([rows[0].id]);
  });

  test("deletes links that have run out, and places that were not used for 400 days", async () => {
    const link = `INSERT INTO links (purpose, token_hash, user_id, expires_at)
      VALUES ('reset', sha256(convert_to($2, 'UTF8')), $1, now() + cast($2 AS text)::interval) RETURNING id`;
    const place = "INSERT INTO known_places VALUES ($1, $2, now() - cast($2 AS text)::interval)";
    await db.query(link, [person.id, "-1 second"]);
    const { rows } = await db.query(link, [person.id, "1 hour"]);
    for (const age of ["401 days", "399 days"]) await db.query(place, [person.id, age]);
    await sweep(new Date());
    expect(await remaining("links")).toEqual([rows[0].id]);
    const { rows: places } = await db.query("SELECT key FROM known_places");
    expect(places).toEqual([{ key: "399 days" }]);
  });

  test("deletes 25,000 links and as many places in statements of their own", async () => {
    await db.query(
      `INSERT INTO links (purpose, token_hash, user_id, expires_at)
       SELECT 'verify', sha256(n::text::bytea), $1, now() - interval '1 day' FROM generate_series(1, 25000) n`,
      [person.id],
    );
    await db.query(
      `INSERT INTO known_places (user_id, key, seen_at)
       SELECT $1, n::text, now() - interval '2 years' FROM generate_series(1, 25000) n`,
      [person.id],
    );
    expect([await purgeLinks(new Date()), await purgePlaces(new Date())]).toEqual([25_000, 25_000]);
  });

  test("that fails keeps nothing else from being done", async () => {
    for (let count = 0; count < 3; count += 1) await addSession(db, person, long(100));
    const idle = await addSession(db, person, IDLE);
    await db.query("INSERT INTO rate_limits VALUES ('old', 1, 1)");
    const mend = await refuse("DELETE");
    await sweep(new Date());
    await mend();
    expect(await reasonOf(idle)).toBe("idle");
    expect((await db.query("SELECT key FROM rate_limits")).rows).toEqual([]);
  });

  test("deletes 20,000 sessions and their events in one go", { timeout: 180_000 }, async () => {
    await addSessions(db, person, 20_000, { endedAgo: 100 * day, startedDaysAgo: 200 });
    await db.query(
      `INSERT INTO security_events (type, user_id, session_id, created_at)
       SELECT 'session_ended', user_id, id, ended_at FROM sessions`,
    );
    expect(await purge(new Date(Date.now() - RETENTION))).toBe(40_000);
    expect(await remaining("sessions")).toEqual([]);
  });

  test("deletes all of them, however few it looks at in one go", async () => {
    const kept = await addSession(db, person);
    for (let count = 0; count < 10; count += 1) await addSession(db, person, long(100));
    expect(await purge(new Date(Date.now() - RETENTION), 3)).toBe(10);
    expect(await remaining("sessions")).toEqual([kept.id]);
  });

  test("keeps a session whose ender is gone", async () => {
    const ender = await addSession(db, person, long(91));
    const ended = await addSession(db, person, long(10));
    await db.query("UPDATE sessions SET ended_by_id = $1 WHERE id = $2", [ender.id, ended.id]);
    await purge(new Date(Date.now() - RETENTION));
    expect(await remaining("sessions")).toEqual([ended.id]);
  });

  test("by two servers at once deletes each row once and neither waits", async () => {
    for (let count = 0; count < 30; count += 1) await addSession(db, person, long(100));
    const before = new Date(Date.now() - RETENTION);
    const counts = await Promise.all([purge(before), purge(before)]);
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(30);
    expect(await remaining("sessions")).toEqual([]);
  });
});
