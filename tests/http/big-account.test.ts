import { afterAll, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { program } from "../support/http/client";
import { openEvents } from "../support/http/stream";
import { addSessions } from "../support/people/people";
import { newSession, newVisitor } from "../support/people/visitors";

// An account with many times the sessions that an account may have, from before there was a limit; and one at the limit.

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const SESSIONS = "/api/auth/sessions";
const LONG = 120_000;
type Listed = { sessions: { id: string; current: boolean }[]; cursor?: string | null };

const live = async (userId: string) =>
  (
    await db.query("SELECT count(*)::int AS count FROM sessions WHERE user_id = $1 AND ended_at IS NULL", [
      userId,
    ])
  ).rows[0].count;

test("an account with 50,000 sessions from before the limit can be used, listed, and signed in to", {
  timeout: LONG,
}, async () => {
  const visitor = await newVisitor(server, db);
  const { id, email, password } = visitor.person;
  await addSessions(db, visitor.person, 50_000);

  expect((await visitor.program.get("/api/auth/verify")).status).toBe(200);

  const first = (await visitor.program.get(SESSIONS)).json<Listed>();
  expect(first.sessions).toHaveLength(100);
  expect(first.sessions[0]).toMatchObject({ id: visitor.row.id, current: true });
  const second = (await visitor.program.get(`${SESSIONS}?cursor=${first.cursor}`)).json<Listed>();
  expect(second.sessions).toHaveLength(50);
  const ids = [...first.sessions, ...second.sessions].map((session) => session.id);
  const { rows } = await db.query(
    "SELECT id FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id DESC LIMIT 150",
    [id],
  );
  expect(ids).toEqual(rows.map((row) => row.id));

  const page = await visitor.browser.get("/sessions");
  expect(page.status).toBe(200);
  const text = page.text.replaceAll("<!-- -->", "");
  expect(text).toMatch(/Other devices <span[^>]*>50000</);
  expect(text).toContain("ends the other 49901, too");
  expect(page.text.length).toBeLessThan(2_000_000);

  const signedIn = await program(server).post("/api/auth/login", { json: { email, password } });
  expect(signedIn.status).toBe(200);
  expect(await live(id)).toBeGreaterThanOrEqual(100);
  await expect.poll(() => live(id), { timeout: LONG, interval: 200 }).toBe(100);
  // It was used last.
  expect((await visitor.program.get("/api/auth/verify")).status).toBe(200);
});

test("the last page of a list that has several ends without a cursor", async () => {
  const visitor = await newVisitor(server, db);
  await addSessions(db, visitor.person, 130);
  const first = (await visitor.program.get(SESSIONS)).json<Listed>();
  const last = (await visitor.program.get(`${SESSIONS}?cursor=${first.cursor}`)).json<Listed>();
  expect([first.sessions.length, last.sessions.length, last.cursor]).toEqual([100, 31, null]);
});

test("a list of as many sessions as an account may have is whole, and has no cursor", async () => {
  const visitor = await newVisitor(server, db);
  await addSessions(db, visitor.person, 99);
  const listed = (await visitor.program.get(SESSIONS)).json<Listed>();
  expect(listed.sessions).toHaveLength(100);
  expect(Object.keys(listed)).toEqual(["sessions"]);
});

test("signing out all other devices of 3,000 answers how many ended", async () => {
  const visitor = await newVisitor(server, db);
  await addSessions(db, visitor.person, 3_000);
  expect((await visitor.program.post("/api/auth/logout-others")).json()).toEqual({ ended: 3_000 });
  expect((await visitor.program.post("/api/auth/logout-others")).json()).toEqual({ ended: 0 });
});

test("a sign-in above the limit is answered when the session that made room is refused and its open tab leaves", async () => {
  const visitor = await newVisitor(server, db);
  const { email, password } = visitor.person;
  const unused = await newSession(server, db, visitor.person, {
    startedAgo: 3 * 86_400,
    seenAgo: 2 * 86_400,
    idleSeconds: 7 * 86_400,
    endsIn: 86_400,
  });
  await addSessions(db, visitor.person, 98);
  const stream = await openEvents(server, { authorization: `Bearer ${unused.token}` });
  await db.query("UPDATE sessions SET last_seen_at = now() - interval '2 days' WHERE id = $1", [
    unused.row.id,
  ]);
  expect((await program(server).post("/api/auth/login", { json: { email, password } })).status).toBe(200);
  const refused = await program(server, unused.token).get("/api/auth/verify");
  expect(refused.json()).toMatchObject({ code: "session_ended" });
  const events: unknown[] = [];
  for (let event = await stream.next(); event; event = await stream.next()) events.push(event);
  expect(events.at(-1)).toMatchObject({ event: "ended", data: { reason: "replaced" } });
});
