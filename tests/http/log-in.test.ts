import { afterAll, describe, expect, inject, test } from "vitest";
import { LIFETIMES } from "@/lib/product";
import { connect } from "../support/database/database";
import { browser, freshAddress, program } from "../support/http/client";
import { expectProblem, sessionShape, TIME } from "../support/http/expectations";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { newSession, newVisitor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const LOG_IN = "/api/auth/login";
const WRONG = "fourteen purple umbrellas";
const enter = (json: Record<string, unknown>, headers: Record<string, string> = {}) =>
  program(server).post(LOG_IN, { json, headers });

describe("a program signs in", () => {
  test("and gets 200, a token and no cookie", async () => {
    const { id, email } = await addPerson(db);
    const answer = await enter(
      { email, password: PASSWORD, device: "Build server" },
      { "user-agent": "curl/8.5.0" },
    );
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.setCookies).toEqual([]);
    expect(answer.json()).toEqual({
      token: expect.any(String),
      token_type: "Bearer",
      expires_at: TIME,
      session: sessionShape({ name: "Build server", device: { type: "api", browser: "curl", os: null } }),
      user: { id, email, name: "Ada", email_verified: false, role: "user" },
    });
  });

  test.each([
    [false, LIFETIMES.brief],
    [true, LIFETIMES.kept],
  ])("with keep %s and may stay for as long as that lasts", async (keep, { absolute }) => {
    const { email } = await addPerson(db);
    const { expires_at } = (await enter({ email, password: PASSWORD, keep })).json<{ expires_at: string }>();
    const left = Date.parse(expires_at) - Date.now();
    expect(left / absolute).toBeCloseTo(1, 2);
  });

  test("the token says who and what, and no name or address", async () => {
    const { id, email } = await addPerson(db);
    const { token, session } = (await enter({ email, password: PASSWORD })).json<{
      token: string;
      session: { id: string };
    }>();
    const [header, payload] = token
      .split(".")
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
    expect(header).toEqual({ alg: "ES256", typ: "session+jwt", kid: server.secrets.keys[0]?.kid });
    expect(JSON.stringify(payload)).not.toMatch(new RegExp(`${email}|Ada`));
    expect(payload).toMatchObject({
      iss: server.origin,
      aud: server.origin,
      sub: id,
      sid: session.id,
      jti: expect.stringMatching(/^[\w-]{43}$/),
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: payload.iat,
      amr: ["pwd"],
    });
  });

  test("with an unknown address or a wrong password, also of a disabled account, and is told the same to the byte", async () => {
    const disabled = await addPerson(db, { disabled: true });
    const attempts = [
      { email: freshEmail(), password: PASSWORD },
      { email: (await addPerson(db)).email, password: WRONG },
      { email: disabled.email, password: WRONG },
    ];
    const shapes: unknown[] = [];
    for (const json of attempts) {
      const answer = await enter(json);
      expectProblem(answer, "invalid_credentials");
      const { date: _, ...headers } = answer.headers;
      shapes.push({ headers, text: answer.text });
    }
    expect(new Set(shapes.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  test("with the right password of a disabled account and is told that it is disabled", async () => {
    const { id, email } = await addPerson(db, { disabled: true });
    expectProblem(await enter({ email, password: PASSWORD }), "account_disabled");
    const { rows } = await db.query("SELECT type, detail FROM security_events WHERE user_id = $1", [id]);
    expect(rows).toEqual([{ type: "login_failed", detail: { reason: "account_disabled" } }]);
    expect((await db.query("SELECT FROM sessions WHERE user_id = $1", [id])).rows).toEqual([]);
  });

  test.each([
    ["no password", { email: "a@b.example" }, ["password"]],
    ["an operator instead of a password", { email: "a@b.example", password: { $ne: 1 } }, ["password"]],
    ["a list", { email: ["a@b.example"], password: PASSWORD }, ["email"]],
    ["a number", { email: "a@b.example", password: 1 }, ["password"]],
    ["null", { email: null, password: null }, ["email", "password"]],
    ["an empty password", { email: "a@b.example", password: "" }, ["password"]],
    ["a password of 5,000", { email: "a@b.example", password: "x".repeat(5_000) }, ["password"]],
    ["an unknown member", { email: "a@b.example", password: PASSWORD, user: 1 }, ["user"]],
    [
      "somebody's id",
      { email: "a@b.example", password: PASSWORD, userId: "x", expiresAt: 1 },
      ["expiresAt", "userId"],
    ],
    ["an empty device", { email: "a@b.example", password: PASSWORD, device: "" }, ["device"]],
    ["a device of 61", { email: "a@b.example", password: PASSWORD, device: "x".repeat(61) }, ["device"]],
  ])("with %s and is told which member is wrong", async (_, json, fields) => {
    expectProblem(await enter(json), "invalid_request", fields);
  });

  test("wrong five times and has to wait, also with the right password, and others do not", async () => {
    const [person, other] = [await addPerson(db), await addPerson(db)];
    const guesser = program(server);
    const from = (email: string, password: string) => guesser.post(LOG_IN, { json: { email, password } });
    for (let guess = 0; guess < 5; guess += 1)
      expectProblem(await from(person.email, WRONG), "invalid_credentials");
    const answer = await from(person.email, PASSWORD);
    expectProblem(answer, "rate_limited");
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(30);
    expect((await from(other.email, PASSWORD)).status).toBe(200);
    expect((await enter({ email: person.email, password: PASSWORD })).status).toBe(200);
  });

  test("with the right password a hundred times, and then has to wait", async () => {
    const { email } = await addPerson(db);
    const statuses: number[] = [];
    // On a machine that is too busy some are 503; whether those were counted, nobody can say.
    while (statuses.length < 200 && !statuses.includes(429)) {
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => enter({ email, password: PASSWORD })),
      );
      statuses.push(...answers.map(({ status }) => status));
    }
    const count = (wanted: number) => statuses.filter((status) => status === wanted).length;
    expect(count(200)).toBeLessThanOrEqual(100);
    expect(count(200) + count(503)).toBeGreaterThanOrEqual(100);
    expect(count(503)).toBeLessThan(20);
    const answer = await enter({ email, password: PASSWORD });
    expectProblem(answer, "rate_limited");
    expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(900);
    expectProblem(await enter({ email, password: WRONG }), "invalid_credentials");
  });

  test.each([
    ["in letters after it signed up in ASCII", "xn--bcher-kva.example", "bücher.example"],
    ["in ASCII after it signed up in letters", "bücher.example", "xn--bcher-kva.example"],
    ["with a full-width stop", "bücher.example", "BÜCHER。example"],
  ])("F07 with a domain %s", async (_, first, second) => {
    const name = freshEmail().split("@")[0];
    const up = (domain: string) =>
      program(server).post("/api/auth/signup", { json: { email: `${name}@${domain}`, password: PASSWORD } });
    expect((await up(first)).status).toBe(201);
    expectProblem(await up(second), "email_taken");
    for (const domain of [first, second])
      expect((await enter({ email: `${name}@${domain}`, password: PASSWORD })).status).toBe(200);
  });

  test("the address that counts is the one that the trusted proxy saw", async () => {
    const { email } = await addPerson(db);
    const { session } = (
      await enter({ email, password: PASSWORD }, { "x-forwarded-for": "203.0.113.9, 198.51.100.7" })
    ).json<{ session: { ip: string } }>();
    expect(session.ip).toBe("198.51.100.7");
  });

  test("while holding a session, and that one is left alone", async () => {
    const { person, token, program: held } = await newVisitor(server, db);
    const answer = await held.post(LOG_IN, { json: { email: person.email, password: PASSWORD } });
    expect(answer.status).toBe(200);
    expect(answer.json().token).not.toBe(token);
    expect((await held.get("/api/auth/verify")).status).toBe(200);
  });
});

describe("a form signs in", () => {
  const form = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    browser(server).post(LOG_IN, { form: fields, headers });

  test("and gets a cookie that works, without the token in it", async () => {
    const { id, email } = await addPerson(db);
    const visitor = browser(server);
    const answer = await visitor.post(LOG_IN, { form: { email, password: PASSWORD } });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/sessions");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.text).toBe("");
    expect(answer.setCookies.join()).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
    const [session = "", device = "", cleared = ""] = answer.setCookies;
    expect(session).toMatch(/^session=Fe26\.2\*[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(device).toMatch(/^device=Fe26\.2\*[^;]+; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Lax$/);
    expect(cleared).toBe("form=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    expect((await visitor.get("/api/auth/verify")).json()).toMatchObject({
      sub: id,
      session: { kind: "browser" },
    });
  });

  test("with keep and the cookie outlives the browser, but not the session", async () => {
    const { email } = await addPerson(db);
    const [cookie = ""] = (await form({ email, password: PASSWORD, keep: "on" })).setCookies;
    const maxAge = Number(/Max-Age=(\d+)/.exec(cookie)?.[1]);
    expect(maxAge).toBeGreaterThan(30 * 86_400 - 5);
    expect(maxAge).toBeLessThanOrEqual(30 * 86_400);
  });

  test("from a script and is told where to go", async () => {
    const { email } = await addPerson(db);
    const answer = await form(
      { email, password: PASSWORD, next: "/security" },
      { accept: "application/json" },
    );
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ redirect_to: "/security" });
    expect(answer.setCookies[0]).toMatch(/^session=/);
  });

  test.each([
    ["/security", "/security"],
    ["/sessions?state=ended", "/sessions?state=ended"],
    ["https://evil.example", "/sessions"],
    ["//evil.example", "/sessions"],
    ["///evil.example", "/sessions"],
    ["/\\evil.example", "/sessions"],
    ["\\/evil.example", "/sessions"],
    ["/%5cevil.example", "/sessions"],
    ["/%2f%2fevil.example", "/sessions"],
    ["http:evil.example", "/sessions"],
    ["https:/evil.example", "/sessions"],
    ["javascript:alert(1)", "/sessions"],
    ["/\r\nSet-Cookie: x=1", "/sessions"],
    ["/search?q=100%25", "/search?q=100%25"],
    ["/日本?q=ü 😀", "/%E6%97%A5%E6%9C%AC?q=%C3%BC%20%F0%9F%98%80"],
    ["/\u2028\ud800", "/%E2%80%A8%EF%BF%BD"],
    [`/${"a".repeat(2_001)}`, "/sessions"],
  ])("with next %j and lands on %s", async (next, location) => {
    const { email } = await addPerson(db);
    expect((await form({ email, password: PASSWORD, next })).headers.location).toBe(location);
  });

  test("wrong and is sent back with the reason, without the password", async () => {
    const { email } = await addPerson(db);
    const answer = await form({ email, password: WRONG, next: "/security" });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/login?error=invalid_credentials&next=%2Fsecurity");
    expect(answer.setCookies.map((each) => each.split("=")[0])).toEqual(["form"]);
  });

  test("wrong, with a bad next, which is not carried along", async () => {
    const { email } = await addPerson(db);
    const answer = await form({ email, password: WRONG, next: "//evil.example" });
    expect(answer.headers.location).toBe("/login?error=invalid_credentials");
  });

  test("too often and is told how long to wait", async () => {
    const { email } = await addPerson(db);
    const visitor = browser(server);
    for (let guess = 0; guess < 5; guess += 1)
      await visitor.post(LOG_IN, { form: { email, password: WRONG } });
    const answer = await visitor.post(LOG_IN, { form: { email, password: PASSWORD } });
    expect(answer.headers.location).toMatch(/^\/login\?error=rate_limited&wait=\d+$/);
  });

  test("with a password of 5,000 characters and an unknown field, each refused politely", async () => {
    for (const extra of [{ password: "x".repeat(5_000) }, { role: "admin" }]) {
      const answer = await form({ email: "a@b.example", password: PASSWORD, ...extra });
      expect(answer.headers.location).toBe("/login?error=invalid_request");
    }
  });

  test("with a field of 12,000 characters in its name, of which nothing comes back", async () => {
    const answer = await form({ email: "a@b.example", password: PASSWORD, ["x".repeat(12_000)]: "" });
    expect(answer.setCookies.join().length).toBeLessThan(1_000);
  });

  test("from a script, wrong, and gets the problem itself", async () => {
    const answer = await form({ email: freshEmail(), password: WRONG }, { accept: "application/json" });
    expect(answer.json()).toMatchObject({ code: "invalid_credentials", status: 401 });
    expect(answer.setCookies).toEqual([]);
  });

  test("ASVS 7.2.4 while it holds a session, which the new one replaces", async () => {
    const { person, program: old, browser: visitor } = await newVisitor(server, db, { kind: "browser" });
    await visitor.post(LOG_IN, { form: { email: person.email, password: PASSWORD } });
    expect((await visitor.get("/api/auth/verify")).status).toBe(200);
    expectProblem(await old.get("/api/auth/verify"), "session_ended");
  });

  test("with a planted cookie of somebody else, and gets one of its own", async () => {
    const [attacker, victim] = [await newVisitor(server, db), await addPerson(db)];
    const visitor = attacker.browser;
    await visitor.post(LOG_IN, { form: { email: victim.email, password: PASSWORD } });
    expect((await visitor.get("/api/auth/verify")).json()).toMatchObject({ sub: victim.id });
    // The planted session is dead, wherever else it is held.
    expectProblem(await attacker.program.get("/api/auth/verify"), "session_ended");
  });

  test("from a known browser while somebody else in the same network guesses", async () => {
    const { email } = await addPerson(db);
    const headers = { "x-forwarded-for": freshAddress() };
    const [home, stranger] = [browser(server), browser(server)];
    const post = (visitor: typeof home, password: string) =>
      visitor.post(LOG_IN, { form: { email, password }, headers });
    await post(home, PASSWORD);
    for (let guess = 0; guess < 6; guess += 1) await post(stranger, WRONG);
    expect((await post(stranger, PASSWORD)).headers.location).toContain("error=rate_limited");
    expect((await post(home, PASSWORD)).headers.location).toBe("/sessions");
  });

  test("from a browser that was known before the password was changed, and is a stranger again", async () => {
    const { email, id } = await addPerson(db);
    const headers = { "x-forwarded-for": freshAddress() };
    const home = browser(server);
    await home.post(LOG_IN, { form: { email, password: PASSWORD } });
    await db.query("UPDATE users SET device_epoch = device_epoch + 1 WHERE id = $1", [id]);
    for (let guess = 0; guess < 6; guess += 1)
      await browser(server).post(LOG_IN, { form: { email, password: WRONG }, headers });
    const answer = await home.post(LOG_IN, { form: { email, password: PASSWORD }, headers });
    expect(answer.headers.location).toContain("error=rate_limited");
  });

  test("and its other sessions stay", async () => {
    const first = await newVisitor(server, db);
    const second = await newSession(server, db, first.person);
    await form({ email: first.person.email, password: PASSWORD });
    expect((await first.program.get("/api/auth/verify")).status).toBe(200);
    expect((await second.program.get("/api/auth/verify")).status).toBe(200);
  });
});
