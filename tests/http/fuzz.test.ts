import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { type Client, freshAddress, program } from "../support/http/client";
import { type Server, startServer } from "../support/http/server";
import { freshSecret } from "../support/people/tokens";
import { newVisitor, tokenFor, type Visitor } from "../support/people/visitors";
import { patience } from "../support/runner/slowness";

// Ten thousand bad requests, some of noise and some that are nearly right, to every route. None gives a 500, none
// hangs, none sets a session cookie, and nothing but counters and the record of events changes in the database.

const BATCH = 50;
const BATCHES = 200;

let server: Server;
let db: pg.Pool;
let member: Visitor;
let bad: string[];
beforeAll(async () => {
  server = await startServer({ databaseUrl: await freshDatabase(), env: { LOG_LEVEL: "error" } });
  db = connect(server.databaseUrl);
  member = await newVisitor(server, db);
  const ended = await newVisitor(server, db, { startedAgo: 600, endedAgo: 60 });
  bad = [
    "",
    "x",
    "a.b.c",
    member.token.slice(0, -2),
    `${member.token}.${member.token}`,
    ended.token,
    await tokenFor(server, member.row, { jti: freshSecret() }),
    await tokenFor(server, member.row, { exp: 1 }),
    await tokenFor(server, member.row, { aud: "x" }),
  ];
});
afterAll(async () => {
  await server?.stop();
  await db?.end();
});

const ROUTES = [
  "/api/auth/signup",
  "/api/auth/login",
  "/api/auth/verify",
  "/api/auth/logout",
  "/api/auth/logout-others",
  "/api/auth/logout-all",
  "/api/auth/receipt",
  "/api/theme",
  "/api/auth/sessions",
  "/api/auth/sessions/x",
  "/api/auth/sessions/0190f3a0-7f00-7000-8000-000000000001",
  "/.well-known/jwks.json",
  "/api/health/live",
  "/api/health/ready",
  "/api/metrics",
  "/api/unknown",
];
const NAMES = [
  "email",
  "password",
  "name",
  "keep",
  "device",
  "next",
  "token",
  "id",
  "__proto__",
  "constructor",
  "role",
];

const ascii = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const headerValue = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }))
    .map((code) => String.fromCharCode(code)),
  maxLength: 60,
});
// Too short for any account, so that nobody is signed up, and no login costs much.
const value = fc.oneof(
  fc.string({ maxLength: 14 }),
  fc.constantFrom("ada@example.com", "a@b", "\0", "\ud800", "😀", "' OR 1=1 --"),
  fc.jsonValue({ maxDepth: 2 }),
);
const members = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 6 });
const text = fc.string({ unit: "binary", maxLength: 200 });

const body = fc.oneof(
  members.map((pairs) => ({
    type: "application/json",
    text: `{${pairs.map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`).join(",")}}`,
  })),
  members.map((pairs) => ({
    type: "application/x-www-form-urlencoded",
    text: pairs
      .map(
        ([name, each]) =>
          `${name}=${encodeURIComponent(JSON.stringify(each).replace(/[\ud800-\udfff]/g, "?"))}`,
      )
      .join("&"),
  })),
  fc.jsonValue({ maxDepth: 4 }).map((each) => ({ type: "application/json", text: JSON.stringify(each) })),
  fc
    .tuple(
      fc.constantFrom(
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "*/*",
      ),
      text,
    )
    .map(([type, each]) => ({ type, text: each })),
  fc.tuple(headerValue, text).map(([type, each]) => ({ type, text: each })),
  fc
    .integer({ min: 16_000, max: 17_000 })
    .map((size) => ({ type: "application/json", text: " ".repeat(size) })),
  fc.constant(null),
);

const request = fc.record({
  method: fc.constantFrom("GET", "HEAD", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
  path: fc.constantFrom(...ROUTES),
  suffix: fc.oneof(
    { weight: 3, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: ascii.map((each) => `?${each.replaceAll("#", "")}`) },
    {
      weight: 1,
      arbitrary: fc
        .string()
        .map((each) => `?state=ended&cursor=${encodeURIComponent(each.replace(/[\ud800-\udfff]/g, ""))}`),
    },
  ),
  token: fc.option(fc.nat()),
  headers: fc.dictionary(
    fc.constantFrom(
      "authorization",
      "cookie",
      "origin",
      "sec-fetch-site",
      "accept",
      "user-agent",
      "x-forwarded-for",
      "if-none-match",
      "accept-language",
      "x-request-id",
      "rsc",
    ),
    fc.oneof(
      headerValue,
      fc.constantFrom("same-origin", "cross-site", "application/json", "session=Fe26.2*1*x", "1"),
    ),
    { maxKeys: 4 },
  ),
  body,
});

/** What must not change: users and sessions, to the last column but the time of last use. */
async function fingerprint(): Promise<unknown> {
  const { rows } = await db.query(
    `SELECT (SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM users u) AS users,
            (SELECT md5(string_agg((to_jsonb(s) - 'last_seen_at' - 'confirmed_at')::text, '' ORDER BY id)) FROM sessions s) AS sessions`,
  );
  return rows[0];
}

type Wanted = typeof request extends fc.Arbitrary<infer T> ? T : never;

async function send(client: Client, { method, path, suffix, token, headers, body: sent }: Wanted) {
  const authorization: Record<string, string> =
    token === null ? {} : { authorization: `Bearer ${bad[token % bad.length]}` };
  return client.send(method, path + suffix, {
    headers: {
      "x-forwarded-for": freshAddress(),
      ...headers,
      ...authorization,
      ...(sent ? { "content-type": sent.type } : {}),
    },
    ...(sent ? { body: sent.text } : {}),
  });
}

/** Batches of random requests, from a seed that is told when one of them fails. No shrinking: each stands alone. */
const SEED = Date.now() % 2 ** 31;
const batches = <T>(arbitrary: fc.Arbitrary<T>, size: number, count: number) =>
  fc.sample(fc.array(arbitrary, { minLength: size, maxLength: size }), { numRuns: count, seed: SEED });

test(
  "strangers: no request fails, hangs or changes anything",
  async () => {
    const before = await fingerprint();
    const client = program(server);
    for (const requests of batches(request, BATCH, BATCHES)) {
      const answers = await Promise.all(requests.map((each) => send(client, each)));
      for (const [index, { status, setCookies, headers, text: said }] of answers.entries()) {
        const what = `seed ${SEED}: ${JSON.stringify(requests[index])}`;
        expect(status, what).toBeLessThan(500);
        expect(
          setCookies.filter((each) => !/^form=|Max-Age=0;/.test(each)),
          what,
        ).toEqual([]);
        const isProblem = String(headers["content-type"]).startsWith("application/problem+json");
        if (isProblem && said !== "") expect(JSON.parse(said).status, what).toBe(status);
      }
    }
    expect(await fingerprint()).toEqual(before);
    expect(server.lines.filter((line) => /unexpected_error|unhandled|uncaught/i.test(line))).toEqual([]);
    // Thousands of requests, of which some are sign-ins.
  },
  patience(180_000),
);

test("a member: nearly right requests with a good token, and nothing changes either", async () => {
  const before = await fingerprint();
  const nearly = fc.record({
    method: fc.constantFrom("PATCH", "DELETE", "GET"),
    id: fc.oneof(fc.uuid(), ascii.map(encodeURIComponent)),
    query: ascii.map((each) => each.replaceAll("#", "")),
    body,
  });
  for (const requests of batches(nearly, 20, 50)) {
    const answers = await Promise.all(
      requests.map(({ method, id, query, body: sent }) => {
        const path = method === "GET" ? `/api/auth/sessions?${query}` : `/api/auth/sessions/${id}`;
        return member.program.send(
          method,
          path,
          sent ? { body: sent.text, headers: { "content-type": sent.type } } : {},
        );
      }),
    );
    for (const [index, { status }] of answers.entries()) {
      expect(status, `seed ${SEED}: ${JSON.stringify(requests[index])}`).toBeLessThan(500);
    }
  }
  expect(await fingerprint()).toEqual(before);
  expect((await member.program.get("/api/auth/verify")).status).toBe(200);
});
