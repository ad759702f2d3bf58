import { createHash } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { program } from "../support/http/client";
import { expectProblem, TIME, UUID } from "../support/http/expectations";
import { type Server, startServer } from "../support/http/server";
import { eventually } from "../support/http/timing";
import { addSessions, PASSWORD } from "../support/people/people";
import { newSession, newVisitor, type Visitor } from "../support/people/visitors";

// What people do with their own account, on two instances of one database.

const SESSIONS = "/api/auth/sessions";
const ACTIVITY = "/api/auth/activity";
const EXPORT = "/api/auth/export";
const ACCOUNT = "/api/auth/account";
const VERIFY = "/api/auth/verify";
const STALE = { startedAgo: 3_600, provedAgo: 901 };

type Event = { id: string; type: string; session: string | null; detail: Record<string, unknown> };
type Page = { events: Event[]; cursor: string | null };

let server: Server;
let other: Server;
let db: pg.Pool;
beforeAll(async () => {
  const databaseUrl = await freshDatabase();
  server = await startServer({ databaseUrl });
  other = await startServer({ databaseUrl, secrets: server.secrets, env: { PUBLIC_ORIGIN: server.origin } });
  db = connect(databaseUrl);
});
afterAll(async () => {
  await Promise.all([server?.stop(), other?.stop()]);
  await db?.end();
});

/** Events of a visitor, forty of them at each second. */
async function addEvents({ person }: Visitor, count: number): Promise<void> {
  await db.query(
    `INSERT INTO security_events (type, user_id, created_at)
     SELECT 'login_failed', $1, now() - make_interval(secs => n / 40) FROM generate_series(1, $2::int) AS n`,
    [person.id, count],
  );
}

describe("the activity", () => {
  test("tells what happened to the account, latest first, in words for programs", async () => {
    const visitor = await newVisitor(server, db);
    const { email } = visitor.person;
    await program(server).post("/api/auth/login", { json: { email, password: "wrong" } });
    await program(server).post("/api/auth/login", { json: { email, password: PASSWORD } });
    await visitor.program.patch(`${SESSIONS}/${visitor.row.id}`, { json: { name: "Mine" } });
    await visitor.program.post("/api/auth/logout-others");

    const answer = await visitor.program.get(ACTIVITY);
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("no-store");
    const { events, cursor } = answer.json<Page>();
    expect(cursor).toBeNull();
    expect(events.map(({ type }) => type)).toEqual([
      "session_ended",
      "session_renamed",
      "session_started",
      "login_failed",
    ]);
    expect(events[0]).toEqual({
      id: UUID,
      type: "session_ended",
      at: TIME,
      session: UUID,
      ip: expect.any(String),
      device: null,
      detail: { reason: "logout_others", by: visitor.row.id },
    });
    expect(events[1]).toMatchObject({ session: visitor.row.id, detail: { name: "Mine" } });
  });

  test("comes in pages of 50 that leave nothing out and repeat nothing", async () => {
    const visitor = await newVisitor(server, db);
    await addEvents(visitor, 120);
    const ids: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const query: string = cursor ? `?cursor=${cursor}` : "";
      const page: Page = (await visitor.program.get(`${ACTIVITY}${query}`)).json<Page>();
      ids.push(...page.events.map(({ id }) => id));
      sizes.push(page.events.length);
      cursor = page.cursor;
    }
    expect(sizes).toEqual([50, 50, 20]);
    expect(new Set(ids).size).toBe(120);
  });

  test("comes in one piece as a file, however long it is", async () => {
    const visitor = await newVisitor(server, db);
    await addEvents(visitor, 1_500);
    const answer = await visitor.program.get(`${ACTIVITY}?download`);
    expect(answer.headers["content-disposition"]).toBe('attachment; filename="activity.json"');
    const { events, cursor } = answer.json<Page>();
    expect([new Set(events.map(({ id }) => id)).size, cursor]).toEqual([1_500, null]);
    const nothing = await newVisitor(server, db);
    expect((await nothing.program.get(`${ACTIVITY}?download`)).json()).toEqual({ events: [], cursor: null });
  });

  test("grows by a thousand entries an hour, by what the account does to itself, and endings go on", async () => {
    const visitor = await newVisitor(server, db);
    const rename = (name: string) =>
      visitor.program.patch(`/api/auth/sessions/${visitor.row.id}`, { json: { name } });
    expect((await rename("first")).status).toBe(200);
    const key = `account-writes:${createHash("sha256").update(visitor.person.id).digest("base64url")}`;
    const { rowCount } = await db.query("UPDATE rate_limits SET points = 999 WHERE key = $1", [key]);
    expect(rowCount).toBe(1);
    expect((await rename("the thousandth")).status).toBe(200);
    const refused = await rename("one more");
    expectProblem(refused, "rate_limited");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(3_500);
    expectProblem(await visitor.program.get(EXPORT), "rate_limited");
    expectProblem(await visitor.program.post("/api/auth/sessions", { json: { name: "x" } }), "rate_limited");
    const { events } = (await visitor.program.get(ACTIVITY)).json<Page>();
    expect(events.map(({ detail }) => detail)).toEqual([{ name: "the thousandth" }, { name: "first" }]);
    expect((await visitor.program.post("/api/auth/logout-others")).status).toBe(200);
    expect((await visitor.program.post("/api/auth/logout")).status).toBe(204);
  });

  test("is nobody else's, whatever is asked for", async () => {
    const [visitor, stranger] = [await newVisitor(server, db), await newVisitor(server, db)];
    await program(server).post("/api/auth/login", {
      json: { email: stranger.person.email, password: "wrong" },
    });
    const answer = await visitor.program.get(`${ACTIVITY}?user_id=${stranger.person.id}`);
    expect(answer.json()).toEqual({ events: [], cursor: null });
    expectProblem(await program(server).get(ACTIVITY), "missing_token");
  });

  test.each(["x", "1.2", "' OR 1=1"])("with the cursor %j is 400", async (cursor) => {
    const { program: caller } = await newVisitor(server, db);
    const answer = await caller.get(`${ACTIVITY}?cursor=${encodeURIComponent(cursor)}`);
    expectProblem(answer, "invalid_request", ["cursor"]);
  });
});

describe("the export", () => {
  test("holds the person's data, and no hash, secret or token", async () => {
    const visitor = await newVisitor(server, db);
    await newSession(server, db, visitor.person, { startedAgo: 600, endedAgo: 60 });
    const answer = await visitor.program.get(EXPORT);
    expect(answer.status).toBe(200);
    expect(answer.headers["content-disposition"]).toBe('attachment; filename="account.json"');
    const { id, email } = visitor.person;
    expect(answer.json()).toMatchObject({
      exported_at: TIME,
      user: { id, email, name: "Ada", email_verified: false, role: "user", created_at: TIME },
      sessions: [{ id: visitor.row.id }, { ended_reason: "logout" }],
      events: [{ type: "exported", session: visitor.row.id }],
      known_places: [],
      links: [],
    });
    for (const secret of ["argon2", "hash", "secret", "eyJ", visitor.row.secret])
      expect(answer.text).not.toContain(secret);
  });

  test("holds every session and every event, however many there are", async () => {
    const visitor = await newVisitor(server, db);
    await addSessions(db, visitor.person, 1_200, { endedAgo: 60 });
    await addEvents(visitor, 1_200);
    const { sessions, events } = (await visitor.program.get(EXPORT)).json<Record<string, { id: string }[]>>();
    expect(new Set(sessions?.map(({ id }) => id)).size).toBe(1_201);
    expect(new Set(events?.map(({ id }) => id)).size).toBe(1_201);
  });

  test("needs step-up, and a session", async () => {
    const visitor = await newVisitor(server, db, STALE);
    expectProblem(await visitor.program.get(EXPORT), "insufficient_user_authentication");
    expectProblem(await program(server).get(EXPORT), "missing_token");
  });
});

describe("deleting the account", () => {
  test("ends every session on every instance, and leaves no row with the person's id or address", async () => {
    const visitor = await newVisitor(server, db, { kind: "browser" });
    const sibling = await newSession(server, db, visitor.person);
    const { id, email } = visitor.person;
    await program(server).post("/api/auth/login", { json: { email, password: "wrong" } });
    await visitor.program.post(SESSIONS, { json: { name: "Sync" } });
    expect((await program(other, sibling.token).get(VERIFY)).status).toBe(200);

    const answer = await visitor.browser.delete(ACCOUNT);
    expect(answer.status).toBe(204);
    expect(visitor.browser.cookies.has("session")).toBe(false);
    for (const place of [server, other])
      for (const { token } of [visitor, sibling])
        expectProblem(await program(place, token).get(VERIFY), "invalid_token");

    const { rows: tables } = await db.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    );
    await eventually(async () => {
      for (const { name } of tables) {
        const { rows } = await db.query(
          `SELECT FROM ${name} AS t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0`,
          [id, email],
        );
        expect(rows, name).toHaveLength(0);
      }
    });
    const again = await program(server).post("/api/auth/signup", { json: { email, password: PASSWORD } });
    expect(again.status).toBe(201);
    expect(again.json<{ user: { id: string } }>().user.id).not.toBe(id);
  });

  test("needs step-up, and changes nothing without it", async () => {
    const visitor = await newVisitor(server, db, STALE);
    expectProblem(await visitor.program.delete(ACCOUNT), "insufficient_user_authentication");
    expect((await visitor.program.get(VERIFY)).status).toBe(200);
  });

  test("from two devices at once is done once, and fails with no error", async () => {
    for (let round = 0; round < 4; round += 1) {
      const visitor = await newVisitor(server, db);
      const second = await newSession(server, db, visitor.person);
      const answers = await Promise.all([
        program(server, visitor.token).delete(ACCOUNT),
        program(other, second.token).delete(ACCOUNT),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
      const { rows } = await db.query("SELECT FROM users WHERE id = $1", [visitor.person.id]);
      expect(rows).toHaveLength(0);
    }
  });

  test("while somebody signs in leaves neither the account nor a session", async () => {
    for (let round = 0; round < 4; round += 1) {
      const visitor = await newVisitor(server, db);
      const { id, email } = visitor.person;
      const [signedIn, deleted] = await Promise.all([
        program(other).post("/api/auth/login", { json: { email, password: PASSWORD } }),
        program(server, visitor.token).delete(ACCOUNT),
      ]);
      expect(deleted.status).toBe(204);
      expect([200, 401]).toContain(signedIn.status);
      if (signedIn.status === 200)
        await eventually(async () =>
          expectProblem(await program(other, String(signedIn.json().token)).get(VERIFY), "invalid_token"),
        );
      const { rows } = await db.query("SELECT FROM sessions WHERE user_id = $1", [id]);
      expect(rows).toHaveLength(0);
    }
  });
});
