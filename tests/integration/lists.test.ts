import { afterAll, expect, test } from "vitest";
import { expireOverdueSessions } from "@/lib/session/expire";
import type { Cursor } from "@/lib/session/list/cursor";
import { listEndedSessions, listLiveSessions, listLiveSessionsAfter } from "@/lib/session/list/lists";
import { ownDatabase } from "../support/database/database";
import { addPerson, addSession, addSessions } from "../support/people/people";

const db = ownDatabase();
afterAll(() => db.end());

test("of 20,000 live sessions the caller's and the 99 seen last are listed, with how many there are", async () => {
  const person = await addPerson(db);
  const mine = await addSession(db, person, { startedAgo: 3 * 86_400, idleSeconds: 7 * 86_400, endsIn: 60 });
  await addSessions(db, person, 20_000);
  const idle = await addSession(db, person, { startedAgo: 7_300, idleSeconds: 7_200 });
  const { sessions, total } = await listLiveSessions(person.id, mine.id, new Date());
  expect(total).toBe(20_001);
  const { rows } = await db.query(
    "SELECT id FROM sessions WHERE id <> ALL($1) ORDER BY last_seen_at DESC, id DESC LIMIT 149",
    [[mine.id, idle.id]],
  );
  const ids = rows.map((row) => row.id);
  expect(sessions.map(({ id }) => id)).toEqual([mine.id, ...ids.slice(0, 99)]);
  const after = sessions.at(-1);
  if (!after) throw new Error("There is no last one.");
  const next = await listLiveSessionsAfter(person.id, mine.id, new Date(), {
    take: 50,
    after: { at: after.lastSeenAt, id: after.id },
  });
  expect(next.map(({ id }) => id)).toEqual(ids.slice(99));
});

test("a list writes nothing: what is overdue stands in the history as it will once it is ended", async () => {
  const person = await addPerson(db);
  const mine = await addSession(db, person);
  const facts = [
    { startedAgo: 9_000, seenAgo: 8_000, idleSeconds: 7_200 },
    { startedAgo: 9_000, seenAgo: 7_100, idleSeconds: 3_600, endedAgo: 500 },
    { startedAgo: 9_000, seenAgo: 310, endsIn: -300 },
    { startedAgo: 9_000, seenAgo: 7_400, idleSeconds: 7_200 },
  ];
  for (const each of facts) await addSession(db, person, each);
  const rows = async () => (await db.query("SELECT * FROM sessions ORDER BY id")).rows;
  const before = await rows();
  const now = new Date();
  const listed = async () => {
    const found = await listEndedSessions(person.id, mine.id, now, { take: 10 });
    return found.map(({ id, endedAt, endedReason }) => ({ id, endedAt: endedAt?.getTime(), endedReason }));
  };

  const history = await listed();
  expect(history.map(({ endedReason }) => endedReason)).toEqual(["idle", "expired", "logout", "idle"]);
  expect((await listLiveSessions(person.id, mine.id, now)).sessions.map(({ id }) => id)).toEqual([mine.id]);
  expect(await rows()).toEqual(before);

  // Page by page it is the same, across rows that have ended and rows that have not.
  const paged: string[] = [];
  for (let after: Cursor | undefined, count = 0; count < history.length; count += 1) {
    const [one] = await listEndedSessions(person.id, mine.id, now, { take: 1, after });
    if (!one?.endedAt) throw new Error("The history is over too soon.");
    paged.push(one.id);
    after = { at: one.endedAt, id: one.id };
  }
  expect(paged).toEqual(history.map(({ id }) => id));

  await expireOverdueSessions(now);
  expect(await listed()).toEqual(history);
});
