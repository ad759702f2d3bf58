import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { program } from "../support/http/client";
import { expectProblem, sessionShape } from "../support/http/expectations";
import { type Server, startServer } from "../support/http/server";
import { PASSWORD } from "../support/people/people";
import { newVisitor } from "../support/people/visitors";

// Sessions that people make for their programs, on two instances of one database.

const SESSIONS = "/api/auth/sessions";
const VERIFY = "/api/auth/verify";
const STALE = { startedAgo: 3_600, provedAgo: 901 };

type Made = { token: string; expires_at: string; session: unknown; user: unknown };

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

describe("an API session", () => {
  test("is another session of the caller, whose token is shown once, to a browser too", async () => {
    const visitor = await newVisitor(server, db, { kind: "browser", startedAgo: 600, provedAgo: 600 });
    for (const caller of [visitor.program, visitor.browser]) {
      const answer = await caller.post(SESSIONS, { json: { name: "Nightly report", expires_in: 3_600 } });
      expect(answer.status).toBe(201);
      expect(answer.headers["cache-control"]).toBe("no-store");
      expect(answer.setCookies).toEqual([]);
      const { token, expires_at, session, user } = answer.json<Made>();
      expect(session).toEqual(
        sessionShape({
          name: "Nightly report",
          device: { type: "api", browser: null, os: null },
          expires_at,
        }),
      );
      expect(user).toMatchObject({ id: visitor.person.id });
      expect((new Date(expires_at).getTime() - Date.now()) / 1_000).toBeCloseTo(3_600, -2);
      const verified = (await program(other, token).get(VERIFY)).json<{ sub: string; auth_time: number }>();
      expect(verified.sub).toBe(visitor.person.id);
      // It does not make the proof of identity younger than it is.
      expect(Date.now() / 1_000 - verified.auth_time).toBeGreaterThan(590);
    }
    const listed = (await visitor.program.get(SESSIONS)).json<{ sessions: unknown[] }>();
    expect(listed.sessions).toHaveLength(3);
    expect(JSON.stringify(listed)).not.toContain("eyJ");
  });

  test("lives 90 days unless told otherwise, and never idles out", async () => {
    const visitor = await newVisitor(server, db);
    const answer = await visitor.program.post(SESSIONS, { json: { name: "Backup" } });
    const { token, session } = answer.json<{ token: string; session: { id: string; expires_at: string } }>();
    const days = (new Date(session.expires_at).getTime() - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(90, 1);
    // Unused for 80 days: only a session that has no idle limit is still live.
    await db.query(
      `UPDATE sessions SET created_at = created_at - interval '80 days', last_seen_at = last_seen_at - interval '80 days'
       WHERE id = $1`,
      [session.id],
    );
    expect((await program(server, token).get(VERIFY)).status).toBe(200);
  });

  test("ends like any other, and with a change of the password", async () => {
    const visitor = await newVisitor(server, db);
    const make = async () =>
      String((await visitor.program.post(SESSIONS, { json: { name: "Sync" } })).json().token);
    const [first, second] = [await make(), await make()];
    expect((await program(server, first).post("/api/auth/logout")).status).toBe(204);
    expectProblem(await program(other, first).get(VERIFY), "session_ended");
    const change = { current_password: PASSWORD, new_password: "fourteen purple umbrellas" };
    expect((await visitor.program.post("/api/auth/password", { json: change })).status).toBe(200);
    expectProblem(await program(other, second).get(VERIFY), "session_ended");
  });

  test("needs step-up", async () => {
    const visitor = await newVisitor(server, db, STALE);
    const answer = await visitor.program.post(SESSIONS, { json: { name: "Sync" } });
    expectProblem(answer, "insufficient_user_authentication");
  });

  test.each([
    ["no name", {}, ["name"]],
    ["an empty name", { name: " " }, ["name"]],
    ["no time", { name: "x", expires_in: 0 }, ["expires_in"]],
    ["more than a year", { name: "x", expires_in: 365 * 86_400 + 1 }, ["expires_in"]],
    ["half a second", { name: "x", expires_in: 0.5 }, ["expires_in"]],
    ["a text as its time", { name: "x", expires_in: "60" }, ["expires_in"]],
    ["somebody else's id", { name: "x", user_id: "y" }, ["user_id"]],
  ])("with %s is not made", async (_, json, fields) => {
    const visitor = await newVisitor(server, db);
    expectProblem(await visitor.program.post(SESSIONS, { json }), "invalid_request", fields);
    const { rows } = await db.query("SELECT FROM sessions WHERE user_id = $1", [visitor.person.id]);
    expect(rows).toHaveLength(1);
  });

  test.each([1, 365 * 86_400])("may live %d seconds", async (expires_in) => {
    const visitor = await newVisitor(server, db);
    const answer = await visitor.program.post(SESSIONS, { json: { name: "x", expires_in } });
    expect(answer.status).toBe(201);
  });
});
