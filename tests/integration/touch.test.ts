import { afterAll, describe, expect, test } from "vitest";
import { TOUCH_EVERY } from "@/lib/limits";
import { findSession, writeTouches } from "@/lib/session/queries";
import { flushTouches, touchSession } from "@/lib/session/touch";
import { ownDatabase } from "../support/database/database";
import { addPerson, addSession, type Row } from "../support/people/people";

const db = ownDatabase();
afterAll(() => db.end());

const AGO = { startedAgo: 900, seenAgo: 600 };

async function seenAt({ id }: Row): Promise<Date> {
  return (await db.query("SELECT last_seen_at FROM sessions WHERE id = $1", [id])).rows[0].last_seen_at;
}

async function note(row: Row, now: Date): Promise<void> {
  const known = await findSession(row.id);
  if (known) touchSession(known.session, now);
}

/** How many statements that touch `last_seen_at` this database has run. */
async function writes(): Promise<number> {
  const { rows } = await db.query(
    `SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements
     WHERE query LIKE '%SET last_seen_at%' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows[0].calls;
}

describe("when a session is used", () => {
  test("the time is written later, for many sessions in one statement", async () => {
    await db.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    const person = await addPerson(db);
    const rows = await Promise.all(Array.from({ length: 20 }, () => addSession(db, person, AGO)));
    const now = new Date();
    for (const row of rows) await note(row, now);
    const before = await writes();
    await flushTouches();
    expect((await writes()) - before).toBe(1);
    for (const row of rows) expect(await seenAt(row)).toEqual(now);
  });

  test("it is written by itself within two seconds", async () => {
    const row = await addSession(db, await addPerson(db), AGO);
    const listener = await db.connect();
    await listener.query("LISTEN latchkey");
    const told = new Promise<string | undefined>((resolve) =>
      listener.on("notification", ({ payload }) => resolve(payload)),
    );
    await note(row, new Date());
    expect(await told).toBe(`s${(row.id + row.userId).replaceAll("-", "")}`);
    listener.release(true);
  });

  test("it is written at most once a minute", async () => {
    const row = await addSession(db, await addPerson(db), AGO);
    const known = await findSession(row.id);
    if (!known) throw new Error("There is no session.");
    const now = new Date();
    touchSession(known.session, now);
    touchSession(known.session, new Date(now.getTime() + TOUCH_EVERY - 1));
    await flushTouches();
    expect(await seenAt(row)).toEqual(now);
    const later = new Date(now.getTime() + TOUCH_EVERY);
    touchSession(known.session, later);
    await flushTouches();
    expect(await seenAt(row)).toEqual(later);
  });
});

describe("writing it", () => {
  test("moves the time only forwards", async () => {
    const row = await addSession(db, await addPerson(db), AGO);
    const before = await seenAt(row);
    await writeTouches(new Map([[row.id, new Date(before.getTime() - 1_000)]]));
    expect(await seenAt(row)).toEqual(before);
  });

  test("leaves an ended session alone", async () => {
    const row = await addSession(db, await addPerson(db), { ...AGO, endedAgo: 60 });
    const { rows: before } = await db.query("SELECT * FROM sessions WHERE id = $1", [row.id]);
    await writeTouches(new Map([[row.id, new Date()]]));
    const { rows: after } = await db.query("SELECT * FROM sessions WHERE id = $1", [row.id]);
    expect(after).toEqual(before);
  });

  test("does not wait for a session that somebody is ending, nor revive it", async () => {
    const person = await addPerson(db);
    const [locked, free] = [await addSession(db, person, AGO), await addSession(db, person, AGO)];
    const ender = await db.connect();
    await ender.query("BEGIN");
    await ender.query("UPDATE sessions SET ended_at = now(), ended_reason = 'logout' WHERE id = $1", [
      locked.id,
    ]);
    const now = new Date();
    await writeTouches(
      new Map([
        [locked.id, now],
        [free.id, now],
      ]),
    );
    await ender.query("COMMIT");
    ender.release();
    expect(await seenAt(free)).toEqual(now);
    expect(await seenAt(locked)).not.toEqual(now);
    const { rows } = await db.query("SELECT ended_reason FROM sessions WHERE id = $1", [locked.id]);
    expect(rows).toEqual([{ ended_reason: "logout" }]);
  });

  test("touches no other column", async () => {
    const row = await addSession(db, await addPerson(db), AGO);
    const columns = "to_jsonb(s) - 'last_seen_at' AS rest";
    const { rows: before } = await db.query(`SELECT ${columns} FROM sessions s WHERE id = $1`, [row.id]);
    await writeTouches(new Map([[row.id, new Date()]]));
    const { rows: after } = await db.query(`SELECT ${columns} FROM sessions s WHERE id = $1`, [row.id]);
    expect(after).toEqual(before);
  });

  test("that fails is made up for with the next one", async () => {
    const row = await addSession(db, await addPerson(db), AGO);
    const now = new Date();
    await note(row, now);
    await db.query("ALTER TABLE sessions RENAME COLUMN last_seen_at TO hidden");
    await flushTouches();
    await db.query("ALTER TABLE sessions RENAME COLUMN hidden TO last_seen_at");
    expect(await seenAt(row)).not.toEqual(now);
    await flushTouches();
    expect(await seenAt(row)).toEqual(now);
  });
});
