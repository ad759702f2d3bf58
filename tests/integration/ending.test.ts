import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { findSession } from "@/lib/session/queries";
import { revokeAllSessions, revokeOtherSessions, revokeSession } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import { ownDatabase } from "../support/database/database";
import { whileDeleting } from "../support/database/deleting";
import { actor } from "../support/people/actors";
import { addPerson, addSession, type Row } from "../support/people/people";

// Everything that ends a session, on a real database. What other instances see of it is in tests/proofs.

const db = ownDatabase();
afterAll(() => db.end());

const ACTOR = actor("192.0.2.7");
const context = () => ({ now: new Date(), actor: ACTOR });

async function sessionOf({ id }: Row): Promise<Session> {
  const known = await findSession(id);
  if (!known) throw new Error("There is no such session.");
  return known.session;
}

async function rowOf({ id }: Row) {
  const { rows } = await db.query("SELECT * FROM sessions WHERE id = $1", [id]);
  return rows[0];
}

async function eventsOf({ id }: Row) {
  const { rows } = await db.query(
    "SELECT type, detail, host(ip::inet) AS ip, user_id FROM security_events WHERE session_id = $1 AND type = 'session_ended'",
    [id],
  );
  return rows;
}

const liveOf = async (userId: string) => {
  const { rows } = await db.query<{ id: string }>(
    "SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id",
    [userId],
  );
  return rows.map((row) => row.id);
};

describe("ending one session", () => {
  test("writes when, why and by whom, and one event", async () => {
    const person = await addPerson(db);
    const [mine, other] = [await addSession(db, person), await addSession(db, person)];
    expect(await revokeSession(await sessionOf(mine), other.id, context())).not.toBeNull();
    expect(await rowOf(other)).toMatchObject({
      ended_at: expect.any(Date),
      ended_reason: "ended_from_another_device",
      ended_by_id: mine.id,
    });
    expect(await eventsOf(other)).toEqual([
      {
        type: "session_ended",
        detail: { reason: "ended_from_another_device", by: mine.id },
        ip: ACTOR.ip,
        user_id: person.id,
      },
    ]);
    expect(await liveOf(person.id)).toEqual([mine.id]);
  });

  test("its own is a logout", async () => {
    const mine = await addSession(db, await addPerson(db));
    expect(await revokeSession(await sessionOf(mine), mine.id, context())).not.toBeNull();
    expect(await rowOf(mine)).toMatchObject({ ended_reason: "logout", ended_by_id: null });
  });

  test("somebody else's is not there, and nothing changes", async () => {
    const [mine, theirs] = [
      await addSession(db, await addPerson(db)),
      await addSession(db, await addPerson(db)),
    ];
    const before = await rowOf(theirs);
    expect(await revokeSession(await sessionOf(mine), theirs.id, context())).toBeNull();
    expect(await rowOf(theirs)).toEqual(before);
    expect(await eventsOf(theirs)).toEqual([]);
  });

  test("what has ended is not ended again: the first time and reason stay", async () => {
    const person = await addPerson(db);
    const [mine, other] = [await addSession(db, person), await addSession(db, person)];
    await revokeSession(await sessionOf(other), other.id, context());
    const first = await rowOf(other);
    expect(await revokeSession(await sessionOf(mine), other.id, context())).toBeNull();
    expect(await rowOf(other)).toEqual(first);
    expect(await eventsOf(other)).toHaveLength(1);
  });

  test("of twenty that end it at once one wins, and nobody fails", async () => {
    const person = await addPerson(db);
    const other = await addSession(db, person);
    const callers = await Promise.all(Array.from({ length: 20 }, () => addSession(db, person)));
    const sessions = await Promise.all(callers.map(sessionOf));
    const results = await Promise.all(sessions.map((each) => revokeSession(each, other.id, context())));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await eventsOf(other)).toHaveLength(1);
  });

  test("a caller that was ended meanwhile ends nothing", async () => {
    const person = await addPerson(db);
    const [mine, other] = [await addSession(db, person), await addSession(db, person)];
    const caller = await sessionOf(mine);
    await revokeSession(caller, mine.id, context());
    expect(await revokeSession(caller, other.id, context())).toBeNull();
    expect(await liveOf(person.id)).toEqual([other.id]);
  });

  test("what is overdue counts as ended already", async () => {
    const person = await addPerson(db);
    const mine = await addSession(db, person);
    const idle = await addSession(db, person, { startedAgo: 7_300, idleSeconds: 7_200 });
    expect(await revokeSession(await sessionOf(mine), idle.id, context())).toBeNull();
  });

  test("a clock that runs behind does not end a session before it began", async () => {
    const person = await addPerson(db);
    const mine = await addSession(db, person);
    const past = new Date(Date.now() - 60_000);
    expect(await revokeSession(await sessionOf(mine), mine.id, { now: past, actor: ACTOR })).not.toBeNull();
    const row = await rowOf(mine);
    expect(row.ended_at).toEqual(row.created_at);
  });
});

describe("ending several sessions", () => {
  test("the others: all but the caller's, and nobody else's", async () => {
    const [person, stranger] = [await addPerson(db), await addPerson(db)];
    const mine = await addSession(db, person);
    const others = await Promise.all([1, 2, 3].map(() => addSession(db, person)));
    await addSession(db, person, { endedAgo: 60, startedAgo: 600 });
    const theirs = await addSession(db, stranger);
    expect(await revokeOtherSessions(await sessionOf(mine), context())).toBe(3);
    expect(await liveOf(person.id)).toEqual([mine.id]);
    expect(await liveOf(stranger.id)).toEqual([theirs.id]);
    for (const each of others) {
      expect(await rowOf(each)).toMatchObject({ ended_reason: "logout_others", ended_by_id: mine.id });
      expect(await eventsOf(each)).toHaveLength(1);
    }
    expect(await revokeOtherSessions(await sessionOf(mine), context())).toBe(0);
  });

  test("all: the caller's too", async () => {
    const person = await addPerson(db);
    const mine = await addSession(db, person);
    await addSession(db, person);
    const caller = await sessionOf(mine);
    expect(await revokeAllSessions(caller, context())).toBe(2);
    expect(await liveOf(person.id)).toEqual([]);
    expect(await rowOf(mine)).toMatchObject({ ended_reason: "logout_all" });
    expect(await revokeAllSessions(caller, context())).toBeNull();
  });

  test("two devices that end each other's company at once leave exactly one", async () => {
    for (let round = 0; round < 25; round += 1) {
      const person = await addPerson(db);
      const [one, two] = [await addSession(db, person), await addSession(db, person)];
      await addSession(db, person);
      const callers = [await sessionOf(one), await sessionOf(two)];
      const results = await Promise.all(callers.map((each) => revokeOtherSessions(each, context())));
      expect(results.filter((result) => result === null)).toHaveLength(1);
      expect(results).toContain(2);
      const left = await liveOf(person.id);
      expect(left).toHaveLength(1);
      expect([one.id, two.id]).toContain(left[0]);
    }
  });

  test("ending all and ending others at once, from many devices, neither fails nor leaves a loser alive", async () => {
    for (let round = 0; round < 10; round += 1) {
      const person = await addPerson(db);
      const rows = await Promise.all(Array.from({ length: 6 }, () => addSession(db, person)));
      const callers = await Promise.all(rows.map(sessionOf));
      const results = await Promise.all(
        callers.map((each, index) =>
          index % 2 ? revokeAllSessions(each, context()) : revokeOtherSessions(each, context()),
        ),
      );
      const winners = results.filter((result) => result !== null && result > 0);
      expect(winners.length).toBeGreaterThanOrEqual(1);
      expect((await liveOf(person.id)).length).toBeLessThanOrEqual(1);
    }
  });
});

describe.each([
  ["another one", (caller: Session, { id }: Row) => revokeSession(caller, id, context())],
  ["the others", (caller: Session) => revokeOtherSessions(caller, context())],
  ["all", (caller: Session) => revokeAllSessions(caller, context())],
])("ending %s", (_, end) => {
  let caller: Session;
  let other: Row;
  beforeEach(async () => {
    const person = await addPerson(db);
    caller = await sessionOf(await addSession(db, person));
    other = await addSession(db, person);
  });

  test("while the caller is being deleted waits for that, and then ends nothing", async () => {
    const ending = await whileDeleting<unknown>(db, "sessions", caller.id, () => end(caller, other));
    expect(ending).toBeFalsy();
    expect(await liveOf(caller.userId)).toEqual([other.id]);
  });

  // "It has ended" may be taken for the answer to an ending: it is said only once every instance refuses the session.
  test("when all have ended already waits for an instance that does not answer until its lease has run out", async () => {
    await revokeAllSessions(caller, context());
    const silent = randomUUID();
    await db.query("INSERT INTO instances (id, lease_ms) VALUES ($1, 200)", [silent]);
    expect(await end(caller, other)).toBeFalsy();
    // The waiting call takes it off the list.
    const { rows } = await db.query("SELECT id FROM instances WHERE id = $1", [silent]);
    expect(rows).toEqual([]);
  });
});
