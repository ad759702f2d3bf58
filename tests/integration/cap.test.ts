import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { passwordProof, startSession } from "@/lib/account/sign-in/start-session";
import { MOST_SESSIONS } from "@/lib/limits";
import { AT_ONCE } from "@/lib/session/queries";
import { ownDatabase } from "../support/database/database";
import { actor, signIn } from "../support/people/actors";
import {
  accountOf,
  addPerson,
  addSession,
  addSessions,
  hashOfPassword,
  type Person,
} from "../support/people/people";

// An account has a limited number of live sessions. Several instances: tests/proofs/listener/cap-fleet.test.ts.

const db = ownDatabase();
afterAll(() => db.end());

const ACTOR = actor("192.0.2.7");

let person: Person;
beforeEach(async () => {
  await db.query("TRUNCATE users, sessions, security_events CASCADE");
  person = await addPerson(db);
});

async function start(overrides: Parameters<typeof signIn>[0] = {}): Promise<string> {
  const started = await startSession(
    passwordProof(await accountOf(person), await hashOfPassword()),
    signIn(overrides),
    ACTOR,
  );
  if (!started) throw new Error("Nobody was signed in.");
  return started.session.id;
}

async function fill(count: number): Promise<void> {
  await addSessions(db, person, count);
}

const live = async () =>
  (await db.query("SELECT count(*)::int AS count FROM sessions WHERE ended_at IS NULL")).rows[0].count;
const ended = async () =>
  (await db.query("SELECT id, ended_reason FROM sessions WHERE ended_at IS NOT NULL")).rows;

describe("one session more than an account may have", () => {
  test("ends the one unused longest as replaced, with an event", async () => {
    await fill(MOST_SESSIONS - 1);
    const unused = await addSession(db, person, {
      startedAgo: 100,
      seenAgo: 2 * 86_400,
      idleSeconds: 7 * 86_400,
    });
    const id = await start();
    expect(await ended()).toEqual([{ id: unused.id, ended_reason: "replaced" }]);
    expect(await live()).toBe(MOST_SESSIONS);
    const { rows } = await db.query(
      "SELECT session_id, ip, detail FROM security_events WHERE type = 'session_ended'",
    );
    expect(rows).toEqual([{ session_id: unused.id, ip: ACTOR.ip, detail: { reason: "replaced", by: null } }]);
    expect(id).not.toBe(unused.id);
  });

  test("is not there where a sign-in takes the place of the session that the browser held", async () => {
    await fill(MOST_SESSIONS - 1);
    const held = await addSession(db, person);
    await start({ replaces: held.id });
    expect(await ended()).toEqual([{ id: held.id, ended_reason: "replaced" }]);
    expect(await live()).toBe(MOST_SESSIONS);
  });

  test("is not there where others are overdue: those end for their own reasons", async () => {
    await fill(MOST_SESSIONS - 2);
    const idle = await addSession(db, person, { startedAgo: 7_300, idleSeconds: 7_200 });
    const expired = await addSession(db, person, { startedAgo: 7_300, seenAgo: 10, endsIn: -5 });
    await start();
    await start();
    expect((await ended()).sort((a, b) => a.ended_reason.localeCompare(b.ended_reason))).toEqual([
      { id: expired.id, ended_reason: "expired" },
      { id: idle.id, ended_reason: "idle" },
    ]);
    expect(await live()).toBe(MOST_SESSIONS);
  });

  test("is never the new one, even where the clocks of others are ahead", async () => {
    await fill(MOST_SESSIONS);
    await db.query("UPDATE sessions SET last_seen_at = now() + interval '1 minute'");
    const id = await start();
    expect((await ended()).map((row) => row.id)).not.toContain(id);
    expect(await live()).toBe(MOST_SESSIONS);
  });

  test("of somebody else ends nothing", async () => {
    await fill(MOST_SESSIONS);
    person = await addPerson(db);
    await start();
    expect(await ended()).toEqual([]);
  });
});

test("sign-ins at once never pass the limit, and each above it ends one", async () => {
  await fill(MOST_SESSIONS - 2);
  // Where there is too much to do, some are told to try again.
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => start()));
  const count = tries.filter(({ status }) => status === "fulfilled").length;
  expect(count).toBeGreaterThan(2);
  expect(await live()).toBe(MOST_SESSIONS);
  expect((await ended()).map((row) => row.ended_reason)).toEqual(Array(count - 2).fill("replaced"));
});

test("an account from before the limit signs in after a step of bounded size, and the rest ends soon after", async () => {
  const before = 3 * AT_ONCE;
  await fill(before);
  const { rows } = await db.query("SELECT id FROM sessions ORDER BY last_seen_at DESC LIMIT $1", [
    MOST_SESSIONS - 1,
  ]);
  const id = await start();
  expect(await live()).toBeGreaterThanOrEqual(MOST_SESSIONS);
  await expect.poll(live, { timeout: 30_000 }).toBe(MOST_SESSIONS);
  const left = (await db.query("SELECT id FROM sessions WHERE ended_at IS NULL")).rows.map((row) => row.id);
  expect(left.sort()).toEqual([id, ...rows.map((row) => row.id)].sort());
});
