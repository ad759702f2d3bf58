import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { expectProblem, sessionShape } from "../support/http/expectations";
import { forge, part, respellingsOf, twinOf } from "../support/http/forge";
import { freshKey } from "../support/people/secrets";
import { claimsOf, freshSecret, seal, sign } from "../support/people/tokens";
import { cookieFor, newVisitor, tokenFor, type Visitor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const VERIFY = "/api/auth/verify";
const [key] = server.secrets.keys;
if (!key) throw new Error("There is no key.");

let visitor: Visitor;
beforeAll(async () => {
  visitor = await newVisitor(server, db, { ip: "192.0.2.1" });
});

describe("a live token", () => {
  test.each(["GET", "POST"])("%s tells whose it is and what it is", async (method) => {
    const { person, row, program: caller } = visitor;
    const answer = await caller.send(method, VERIFY);
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.json()).toEqual({
      active: true,
      iss: server.origin,
      aud: server.origin,
      sub: person.id,
      sid: row.id,
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: expect.any(Number),
      amr: ["pwd"],
      user: { id: person.id, email: person.email, name: "Ada", email_verified: false, role: "user" },
      session: sessionShape({ id: row.id }),
    });
    expect(answer.text).not.toContain(row.secret);
  });

  test("HEAD says as much as a status can", async () => {
    const answer = await visitor.program.send("HEAD", VERIFY);
    expect(answer.status).toBe(200);
    expect(answer.text).toBe("");
  });

  test.each(["Bearer", "bearer", "BEARER", "bEaReR"])("may come as %s", async (scheme) => {
    const headers = { authorization: `${scheme} ${visitor.token}` };
    expect((await program(server).get(VERIFY, { headers })).status).toBe(200);
  });

  test("may come in a cookie", async () => {
    expect((await visitor.browser.get(VERIFY)).status).toBe(200);
  });
});

describe("without a token", () => {
  test.each(["GET", "POST"])("%s is 401 missing_token", async (method) => {
    expectProblem(await program(server).send(method, VERIFY), "missing_token");
  });

  test.each(["", "Bearer", "Bearer ", "Basic YTpi", "Token x", "Bearer\t", "bearerx"])(
    "and with the header %j instead it is 401 missing_token",
    async (authorization) => {
      expectProblem(await program(server).get(VERIFY, { headers: { authorization } }), "missing_token");
    },
  );

  test("a query, a body or another header does not stand in for it", async () => {
    const { token } = visitor;
    for (const name of ["token", "access_token", "jwt", "session"]) {
      expectProblem(await program(server).get(`${VERIFY}?${name}=${token}`), "missing_token");
      expectProblem(await program(server).post(VERIFY, { form: { [name]: token } }), "missing_token");
      expectProblem(await program(server).post(VERIFY, { json: { [name]: token } }), "missing_token");
    }
    for (const header of ["x-access-token", "x-auth-token", "token", "proxy-authorization"]) {
      expectProblem(
        await program(server).get(VERIFY, { headers: { [header]: `Bearer ${token}` } }),
        "missing_token",
      );
    }
  });
});

describe("a token and a cookie at once", () => {
  test("a Bearer header decides, even one that is no good", async () => {
    const other = await newVisitor(server, db);
    const both = (authorization: string) => visitor.browser.get(VERIFY, { headers: { authorization } });
    expect((await both(`Bearer ${other.token}`)).json()).toMatchObject({ sub: other.person.id });
    expectProblem(await both("Bearer broken"), "invalid_token");
    expectProblem(await both("Bearer"), "missing_token");
    expect((await both("Basic YTpi")).json()).toMatchObject({ sub: visitor.person.id });
  });
});

describe("a token that is not good", () => {
  const header = { alg: key.alg, typ: "session+jwt", kid: key.kid };
  const now = () => Math.floor(Date.now() / 1000);

  test.each<[string, () => string | Promise<string>]>([
    ["garbage", () => "garbage"],
    ["three parts of garbage", () => "a.b.c"],
    ["alg none", () => `${part({ ...header, alg: "none" })}.${part(claimsOf(server.origin, identity()))}.`],
    [
      "the key of an attacker",
      async () => sign(await freshKey("ES256", key.kid), claimsOf(server.origin, identity())),
    ],
    [
      "an odd kid",
      () => forge(key, { ...header, kid: "../../dev/null" }, claimsOf(server.origin, identity())),
    ],
    ["no kid", () => forge(key, { alg: key.alg, typ: "session+jwt" }, claimsOf(server.origin, identity()))],
    ["another audience", () => tokenFor(server, visitor.row, { aud: "https://other.example" })],
    ["another issuer", () => tokenFor(server, visitor.row, { iss: "https://other.example" })],
    ["another type", () => sign(key, claimsOf(server.origin, identity()), { typ: "JWT" })],
    ["from the future", () => tokenFor(server, visitor.row, { iat: now() + 3_600 })],
    ["an unknown session", () => tokenFor(server, visitor.row, { sid: crypto.randomUUID() })],
    ["a wrong secret", () => tokenFor(server, visitor.row, { jti: freshSecret() })],
    ["another user", () => tokenFor(server, visitor.row, { sub: crypto.randomUUID() })],
    ["the cookie instead", () => seal(visitor.token, server.secrets)],
    ["spaces within", () => `${visitor.token} x`],
    ["100 KB in its place is refused before us, or by us", () => "x".repeat(6_000)],
  ])("%s: 401 invalid_token, and not a word more", async (_, make) => {
    const answer = await program(server, await make()).get(VERIFY);
    expectProblem(answer, "invalid_token");
    expect(answer.json()).toEqual({
      type: "/problems/invalid_token",
      title: "This token isn’t valid.",
      status: 401,
      code: "invalid_token",
    });
  });

  const identity = () => {
    const { id: sessionId, userId, secret } = visitor.row;
    return { sessionId, userId, secret };
  };

  test("expired: 401 token_expired", async () => {
    const token = await tokenFor(server, visitor.row, { iat: now() - 7_200, exp: now() - 1 });
    expectProblem(await program(server, token).get(VERIFY), "token_expired");
  });

  test.each(["broken", "", "Fe26.2*1*2*3", "%00", `Fe26.2*${"a".repeat(3_000)}`])(
    "the cookie %j: 401",
    async (value) => {
      const answer = await browser(server, { session: value }).get(VERIFY);
      expectProblem(answer, value === "" ? "missing_token" : "invalid_token");
    },
  );
});

describe("an ended session", () => {
  test("401 session_ended, in every spelling of its token and in its cookie, and repeatedly", async () => {
    const ended = await newVisitor(server, db, { startedAgo: 600, endedAgo: 60 });
    for (const spelling of [ended.token, twinOf(ended.token), ...respellingsOf(ended.token)]) {
      expectProblem(await program(server, spelling).get(VERIFY), "session_ended");
    }
    for (let round = 0; round < 3; round += 1)
      expectProblem(await ended.browser.get(VERIFY), "session_ended");
  });

  test("ended behind the server's back, by hand in the database, is refused at once", async () => {
    const { row, program: caller } = await newVisitor(server, db);
    for (let round = 0; round < 5; round += 1) expect((await caller.get(VERIFY)).status).toBe(200);
    await db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1", [row.id]);
    // An ending by hand waits for no instance; the news takes a few milliseconds. A lease is the most it could take.
    await expect.poll(async () => (await caller.get(VERIFY)).status, { interval: 5 }).toBe(401);
    expectProblem(await caller.get(VERIFY), "session_ended");
  });

  test("of a disabled account: 401 account_disabled", async () => {
    const { person, program: caller } = await newVisitor(server, db);
    await db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [person.id]);
    expectProblem(await caller.get(VERIFY), "account_disabled");
  });

  test("of a deleted account: 401 invalid_token", async () => {
    const { person, program: caller } = await newVisitor(server, db);
    await db.query("DELETE FROM users WHERE id = $1", [person.id]);
    expectProblem(await caller.get(VERIFY), "invalid_token");
  });

  test("by its idle time: 401 session_ended, with the reason in its history", async () => {
    const idle = await newVisitor(server, db, { startedAgo: 7_300, idleSeconds: 7_200 });
    expectProblem(await idle.program.get(VERIFY), "session_ended");
    const { rows } = await db.query("SELECT ended_reason FROM sessions WHERE id = $1", [idle.row.id]);
    expect(rows[0].ended_reason).toBe("idle");
  });
});

describe("cookies that somebody tossed in", () => {
  test("only the exact name counts", async () => {
    const [value = ""] = Object.values(await cookieFor(server, visitor.token));
    for (const name of [
      "Session",
      "SESSION",
      "session.0",
      "__host-session",
      "session ",
      "xsession",
      "session2",
    ]) {
      const answer = await program(server).get(VERIFY, { headers: { cookie: `${name}=${value}` } });
      expectProblem(answer, "missing_token");
    }
  });
});
