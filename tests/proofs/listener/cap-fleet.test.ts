import { afterAll, beforeAll, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import { program } from "../../support/http/client";
import { addPerson, addSessions } from "../../support/people/people";
import { Fleet } from "../support/fleet";

// The limit of live sessions, where an account signs in at several instances at once.

const db = ownDatabase();
let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.start(2, { databaseUrl: process.env.DATABASE_URL ?? "" });
}, 120_000);
afterAll(async () => {
  await fleet?.stop();
  await db.end();
});

test("sign-ins at two instances at once never pass the limit", { timeout: 60_000 }, async () => {
  const person = await addPerson(db);
  await addSessions(db, person, 97);
  const live = async () =>
    (
      await db.query("SELECT count(*)::int AS count FROM sessions WHERE user_id = $1 AND ended_at IS NULL", [
        person.id,
      ])
    ).rows[0].count;

  let isOver = false;
  let most = 0;
  const watching = (async () => {
    while (!isOver) most = Math.max(most, await live());
  })();
  const { email, password } = person;
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => {
      const server = fleet.servers[index % 2];
      if (!server) throw new Error("There is no such instance.");
      return program({ ...server }).post("/api/auth/login", { json: { email, password } });
    }),
  );
  isOver = true;
  await watching;
  // Where there is too much to do, some are told to try again.
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(3);
  expect(most).toBe(100);
  expect(await live()).toBe(100);
  const { rows } = await db.query("SELECT DISTINCT ended_reason FROM sessions WHERE ended_at IS NOT NULL");
  expect(rows).toEqual([{ ended_reason: "replaced" }]);
});
