import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { expectProblem, sessionShape, TIME } from "../support/http/expectations";
import { type Server, startServer } from "../support/http/server";
import { PASSWORD } from "../support/people/people";
import { cookieFor, newSession, newVisitor } from "../support/people/visitors";

// Proving again who one is (RFC 9470), on two instances of one database.

const REAUTHENTICATE = "/api/auth/reauthenticate";
const CHANGE = "/api/auth/password";
const VERIFY = "/api/auth/verify";
const STALE = { startedAgo: 3_600, provedAgo: 901 };
const NEW_PASSWORD = "fourteen purple umbrellas";

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

const statusAt = async (place: Server, token: string) => (await program(place, token).get(VERIFY)).status;
const typesOf = async (userId: string) => {
  const sql = "SELECT type FROM security_events WHERE user_id = $1 ORDER BY created_at, id";
  return (await db.query<{ type: string }>(sql, [userId])).rows.map(({ type }) => type);
};

describe("more than 15 minutes after the last proof", () => {
  test.each([
    ["ending another session", "DELETE", (id: string) => `/api/auth/sessions/${id}`],
    ["ending the others", "POST", () => "/api/auth/logout-others"],
    ["ending all", "POST", () => "/api/auth/logout-all"],
  ])("%s asks for step-up and ends nothing", async (_, method, path) => {
    const visitor = await newVisitor(server, db, STALE);
    const victim = await newSession(server, db, visitor.person);
    expectProblem(
      await visitor.program.send(method, path(victim.row.id)),
      "insufficient_user_authentication",
    );
    expectProblem(
      await visitor.browser.send(method, path(victim.row.id)),
      "insufficient_user_authentication",
    );
    expect(await statusAt(server, victim.token)).toBe(200);
    expect(await statusAt(server, visitor.token)).toBe(200);
  });

  test("an id that is nobody's asks like any other, and tells nothing", async () => {
    const visitor = await newVisitor(server, db, STALE);
    const stranger = await newVisitor(server, db);
    for (const id of [stranger.row.id, "0190f3a0-7f00-7000-8000-000000000001"])
      expectProblem(
        await visitor.program.delete(`/api/auth/sessions/${id}`),
        "insufficient_user_authentication",
      );
  });

  test("reading, renaming and signing oneself out never ask", async () => {
    const visitor = await newVisitor(server, db, STALE);
    const own = `/api/auth/sessions/${visitor.row.id}`;
    for (const path of [VERIFY, "/api/auth/sessions"])
      expect((await visitor.program.get(path)).status).toBe(200);
    expect((await visitor.program.patch(own, { json: { name: "Mine" } })).status).toBe(200);
    expect((await visitor.program.delete(own)).status).toBe(204);
    const again = await newVisitor(server, db, STALE);
    expect((await again.program.post("/api/auth/logout")).status).toBe(204);
  });
});

test("up to 15 minutes after the last proof another session can be ended", async () => {
  const visitor = await newVisitor(server, db, { startedAgo: 3_600, provedAgo: 840 });
  const victim = await newSession(server, db, visitor.person);
  expect((await visitor.program.delete(`/api/auth/sessions/${victim.row.id}`)).status).toBe(204);
});

describe("with the password", () => {
  test("the session gets a new token and time of proof, and every instance refuses the old token", async () => {
    const visitor = await newVisitor(server, db, STALE);
    const victim = await newSession(server, db, visitor.person);
    // Both instances remember the session under its old secret.
    expect([await statusAt(server, visitor.token), await statusAt(other, visitor.token)]).toEqual([200, 200]);

    const answer = await visitor.program.post(REAUTHENTICATE, { json: { password: PASSWORD } });
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.setCookies).toEqual([]);
    expect(answer.json()).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: "Bearer",
      expires_at: TIME,
      session: sessionShape({ id: visitor.row.id, ip: null }),
      user: {
        id: visitor.person.id,
        email: visitor.person.email,
        name: "Ada",
        email_verified: false,
        role: "user",
      },
    });
    for (const place of [server, other])
      expectProblem(await program(place, visitor.token).get(VERIFY), "invalid_token");

    const renewed = program(other, String(answer.json().token));
    const verified = (await renewed.get(VERIFY)).json<{ auth_time: number; sid: string }>();
    expect(verified.sid).toBe(visitor.row.id);
    expect(Date.now() / 1000 - verified.auth_time).toBeLessThan(60);
    expect((await renewed.delete(`/api/auth/sessions/${victim.row.id}`)).status).toBe(204);
    expect(await typesOf(visitor.person.id)).toContain("reauthenticated");
  });

  test("a browser gets its new cookie and no token", async () => {
    const visitor = await newVisitor(server, db, { ...STALE, kind: "browser" });
    const old = browser(server, await cookieFor(server, visitor.token));
    const answer = await visitor.browser.post(REAUTHENTICATE, { json: { password: PASSWORD } });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json()).sort()).toEqual(["expires_at", "session", "user"]);
    expect(answer.text).not.toContain("eyJ");
    expect(answer.setCookies).toHaveLength(1);
    expect((await visitor.browser.post("/api/auth/logout-others")).json()).toEqual({ ended: 0 });
    expectProblem(await old.get(VERIFY), "invalid_token");
  });

  test("two at once leave one token, on whichever instances", async () => {
    for (let round = 0; round < 5; round += 1) {
      const visitor = await newVisitor(server, db, STALE);
      const answers = await Promise.all(
        [server, other, server].map((place) =>
          program(place, visitor.token).post(REAUTHENTICATE, { json: { password: PASSWORD } }),
        ),
      );
      const good = answers.filter(({ status }) => status === 200);
      expect(good).toHaveLength(1);
      for (const answer of answers) if (answer.status !== 200) expectProblem(answer, "invalid_token");
      expect(await statusAt(other, String(good[0]?.json().token))).toBe(200);
    }
  });

  test("a step-up and a change of the password at once leave one token", async () => {
    for (let round = 0; round < 5; round += 1) {
      const visitor = await newVisitor(server, db, STALE);
      const change = { current_password: PASSWORD, new_password: NEW_PASSWORD };
      const answers = await Promise.all([
        program(other, visitor.token).post(REAUTHENTICATE, { json: { password: PASSWORD } }),
        program(server, visitor.token).post(CHANGE, { json: change }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
      const token = String(answers.find(({ status }) => status === 200)?.json().token);
      expect(await statusAt(server, token)).toBe(200);
    }
  });
});

describe("a proof that is refused", () => {
  test("leaves the session and its token as they are", async () => {
    const visitor = await newVisitor(server, db, STALE);
    const answer = await visitor.program.post(REAUTHENTICATE, { json: { password: `${PASSWORD}?` } });
    expectProblem(answer, "invalid_credentials");
    expect(await statusAt(other, visitor.token)).toBe(200);
    expectProblem(await visitor.program.post("/api/auth/logout-all"), "insufficient_user_authentication");
    expect(await typesOf(visitor.person.id)).toEqual(["reauthentication_failed"]);
  });

  test("five times has to wait, also with the right password", async () => {
    const visitor = await newVisitor(server, db, STALE);
    for (let guess = 0; guess < 5; guess += 1)
      await visitor.program.post(REAUTHENTICATE, { json: { password: `${PASSWORD}?` } });
    const answer = await visitor.program.post(REAUTHENTICATE, { json: { password: PASSWORD } });
    expectProblem(answer, "rate_limited");
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(await typesOf(visitor.person.id)).toContain("reauthentication_blocked");
  });

  test.each([
    ["nothing", {}, ["password"]],
    ["an empty password", { password: "" }, ["password"]],
    ["a number", { password: 1 }, ["password"]],
    ["more than was asked for", { password: PASSWORD, auth_time: 0 }, ["auth_time"]],
  ])("with %s names the member", async (_, json, fields) => {
    const visitor = await newVisitor(server, db, STALE);
    expectProblem(await visitor.program.post(REAUTHENTICATE, { json }), "invalid_request", fields);
  });

  test("from another site, as a form or without a session does nothing", async () => {
    const visitor = await newVisitor(server, db, STALE);
    const json = { password: PASSWORD };
    const headers = { "sec-fetch-site": "cross-site" };
    expectProblem(await visitor.browser.post(REAUTHENTICATE, { json, headers }), "cross_site_request");
    expectProblem(await visitor.browser.post(REAUTHENTICATE, { form: json }), "unsupported_media_type");
    expectProblem(await program(server).post(REAUTHENTICATE, { json }), "missing_token");
    expect(await statusAt(server, visitor.token)).toBe(200);
  });
});

describe("a change of the password", () => {
  const json = { current_password: PASSWORD, new_password: NEW_PASSWORD };

  test("ends the others on every instance, and gives the caller a new token", async () => {
    const visitor = await newVisitor(server, db, STALE);
    const victim = await newSession(server, db, visitor.person);
    expect(await statusAt(other, victim.token)).toBe(200);
    const answer = await visitor.program.post(CHANGE, { json });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ token_type: "Bearer", ended: 1, session: { id: visitor.row.id } });
    for (const place of [server, other]) {
      expectProblem(await program(place, victim.token).get(VERIFY), "session_ended");
      expectProblem(await program(place, visitor.token).get(VERIFY), "invalid_token");
      expect(await statusAt(place, String(answer.json().token))).toBe(200);
    }
    const { email } = visitor.person;
    const logIn = (password: string) => program(other).post("/api/auth/login", { json: { email, password } });
    expect((await logIn(NEW_PASSWORD)).status).toBe(200);
    expectProblem(await logIn(PASSWORD), "invalid_credentials");
  });

  test("in a browser sets its new cookie and shows no token", async () => {
    const visitor = await newVisitor(server, db, { ...STALE, kind: "browser" });
    const answer = await visitor.browser.post(CHANGE, { json });
    expect(Object.keys(answer.json()).sort()).toEqual(["ended", "expires_at", "session", "user"]);
    expect((await visitor.browser.get(VERIFY)).status).toBe(200);
  });

  test.each([
    ["a wrong current password", { ...json, current_password: "wrong" }, "invalid_credentials", undefined],
    ["a weak new one", { ...json, new_password: "short" }, "invalid_request", ["new_password"]],
    ["no new one", { current_password: PASSWORD }, "invalid_request", ["new_password"]],
    ["an unknown member", { ...json, user_id: "x" }, "invalid_request", ["user_id"]],
  ])("with %s changes nothing", async (_, sent, code, fields) => {
    const visitor = await newVisitor(server, db, STALE);
    const sibling = await newSession(server, db, visitor.person);
    expectProblem(await visitor.program.post(CHANGE, { json: sent }), code, fields);
    expect([await statusAt(server, visitor.token), await statusAt(server, sibling.token)]).toEqual([
      200, 200,
    ]);
  });
});
