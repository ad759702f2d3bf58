import { afterAll, expect, test } from "vitest";
import { listLiveSessions, listLiveSessionsAfter } from "@/lib/session/lists";
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
  const next = await listLiveSessionsAfter(person.id, mine.id, new Date(), { take: 50, after });
  expect(next.map(({ id }) => id)).toEqual(ids.slice(99));
});
