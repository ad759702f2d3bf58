import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { Client, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { bytesOf, exchange } from "../support/http/raw";
import { cookieFor, newSession, newVisitor, type Visitor } from "../support/people/visitors";

// Which cookie counts, and that pages, the proxy and routes agree on it.

const secure = inject("secure");
const plain = inject("plain");
const db = { secure: connect(secure.databaseUrl), plain: connect(plain.databaseUrl) };
afterAll(() => Promise.all([db.secure.end(), db.plain.end()]));

type Place = typeof secure;

let victim: Visitor;
let thief: Visitor;
let good: string;
let planted: string;
beforeAll(async () => {
  victim = await newVisitor(secure, db.secure);
  thief = await newVisitor(secure, db.secure);
  good = (await cookieFor(secure, victim.token))["__Host-session"] ?? "";
  planted = (await cookieFor(secure, thief.token))["__Host-session"] ?? "";
});

/** Whom a route takes the sender of this Cookie header for: the id of a user, or null. */
async function whoByRoute(place: Place, headers: Record<string, string>): Promise<string | null> {
  const answer = await new Client(place.url, {}, false).get("/api/auth/verify", { headers });
  expect([200, 401]).toContain(answer.status);
  return answer.status === 200 ? answer.json<{ sub: string }>().sub : null;
}

/** The same for a page: the address that it shows. */
async function whoByPage(place: Place, headers: Record<string, string>): Promise<string | null> {
  const answer = await new Client(place.url, {}, false).get("/security", { headers });
  expect([200, 307]).toContain(answer.status);
  if (answer.status === 307) return null;
  return [victim, thief].find(({ person }) => answer.text.includes(person.email))?.person.id ?? "unknown";
}

/** What the byte looks like in a header; Node reads and writes them as Latin-1. */
const byte = (code: number) => String.fromCharCode(code);

/** What JavaScript's `trim` strips and RFC 6265bis does not, as bytes of UTF-8 and of Latin-1; and other bytes that are not ours. */
const STRANGE = [
  ...[0xa0, 0x85, 0xad, 0x80, 0xff].map(byte),
  "\xef\xbb\xbf",
  "\xc2\xa0",
  "\xe2\x80\xa8",
  "\xe3\x80\x80",
  "\xe1\x9a\x80",
];

describe("on https a planted cookie by nearly the same name is not ours", () => {
  test.each([
    ...STRANGE.flatMap((strange) => [`${strange}__Host-session`, `__Host-session${strange}`]),
    "__host-session",
    "__HOST-SESSION",
    "__Host-Session",
    "__Host%2Dsession",
    "%5F%5FHost-session",
    '"__Host-session"',
    "$Version=1; session",
    "session",
    "__Secure-session",
    "__Host-session ",
    "__Host-session\t",
    "=__Host-session",
  ])("%j", async (name) => {
    for (const cookie of [
      `${name}=${planted}; __Host-session=${good}`,
      `__Host-session=${good}; ${name}=${planted}`,
    ]) {
      expect(await whoByRoute(secure, { cookie })).toBe(victim.person.id);
      expect(await whoByPage(secure, { cookie })).toBe(victim.person.id);
    }
    const cookie = `${name}=${planted}`;
    expect(await whoByRoute(secure, { cookie })).toBeNull();
    expect(await whoByPage(secure, { cookie })).toBeNull();
  });

  test("log-out with a planted one beside it ends the session of the cookie that counts", async () => {
    const mine = await newSession(secure, db.secure, victim.person);
    const value = (await cookieFor(secure, mine.token))["__Host-session"];
    const cookie = `\xa0__Host-session=${planted}; __Host-session=${value}`;
    const headers = { cookie, "sec-fetch-site": "same-origin" };
    expect((await new Client(secure.url, {}, false).post("/api/auth/logout", { headers })).status).toBe(204);
    expectProblem(await mine.program.get("/api/auth/verify"), "session_ended");
    expect((await thief.program.get("/api/auth/verify")).status).toBe(200);
  });
});

describe("on https a session cookie that comes twice under its name is none", () => {
  test.each<[string, () => string]>([
    ["two people's", () => `__Host-session=${planted}; __Host-session=${good}`],
    ["the same twice", () => `__Host-session=${good}; __Host-session=${good}`],
    ["an empty one first", () => `__Host-session=; __Host-session=${good}`],
    ["an empty one last", () => `__Host-session=${good};__Host-session=`],
    ["with tabs between", () => `__Host-session=${good};\t__Host-session=x`],
  ])("%s", async (_, cookie) => {
    expect(await whoByRoute(secure, { cookie: cookie() })).toBeNull();
    expect(await whoByPage(secure, { cookie: cookie() })).toBeNull();
  });

  test("in two Cookie headers, too", async () => {
    const lines = [
      "GET /api/auth/verify HTTP/1.1",
      "Host: localhost",
      `Cookie: __Host-session=${good}`,
      `Cookie: __Host-session=${planted}`,
      "Connection: close",
    ];
    expect(await exchange(secure, bytesOf(lines))).toMatch(/^HTTP\/1\.1 401 /);
  });

  test("but one among other cookies in two headers counts", async () => {
    const lines = [
      "GET /api/auth/verify HTTP/1.1",
      "Host: localhost",
      "Cookie: a=b; c",
      `Cookie: \t __Host-session=${good} \t; =x; __proto__=1`,
      "Connection: close",
    ];
    expect(await exchange(secure, bytesOf(lines))).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("on plain-http localhost, where any app may set a cookie", () => {
  test("the first session cookie that opens counts", async () => {
    const me = await newVisitor(plain, db.plain);
    const other = await newVisitor(plain, db.plain);
    const [mine = ""] = Object.values(await cookieFor(plain, me.token));
    const [theirs = ""] = Object.values(await cookieFor(plain, other.token));
    for (const first of ["", "x", "Fe26.2*1*x", '"', good, "%", "a=b"]) {
      const cookie = `session=${first}; session=${mine}; session=${theirs}`;
      expect(await whoByRoute(plain, { cookie })).toBe(me.person.id);
      const page = await new Client(plain.url, {}, false).get("/security", { headers: { cookie } });
      expect(page.text).toContain(me.person.email);
    }
  });

  test("log-out ends the session that counted", async () => {
    const me = await newVisitor(plain, db.plain);
    const [mine = ""] = Object.values(await cookieFor(plain, me.token));
    const headers = { cookie: `session=foreign; session=${mine}`, "sec-fetch-site": "same-origin" };
    const answer = await new Client(plain.url, {}, false).post("/api/auth/logout", { headers });
    expect(answer.status).toBe(204);
    expectProblem(await me.program.get("/api/auth/verify"), "session_ended");
  });
});

test("pages, the proxy and routes agree on whom a Cookie header stands for", async () => {
  const value = fc.constantFrom(
    () => good,
    () => planted,
    () => "x",
    () => "",
    () => `"${good}"`,
    () => `${good}%20`,
  );
  const white = fc.constantFrom("", " ", "\t", " \t ", "\xa0", "\x85", "\xef\xbb\xbf");
  const name = fc.constantFrom(
    "__Host-session",
    "__Host-session",
    "__host-session",
    "__Host%2Dsession",
    "session",
    "",
    "a",
    "$Path",
  );
  const pair = fc.tuple(white, name, white, fc.constantFrom("=", "=", "==", ""), white, value, white);
  const header = fc.array(pair, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(header, async (pairs) => {
      const cookie = pairs.map(([a, b, c, d, e, make, f]) => a + b + c + d + e + make() + f).join(";");
      expect(await whoByPage(secure, { cookie })).toBe(await whoByRoute(secure, { cookie }));
    }),
    { numRuns: 60 },
  );
}, 120_000);

describe("beside the cookie", () => {
  const OTHER_SCHEMES = [
    "Basic c3RhZ2U6c3RhZ2U=",
    "basic x",
    "Digest username=x",
    "Negotiate YII=",
    "Bearerx y",
    "Bearer-x y",
    "BearerToken",
    "garbage",
    "",
    "=",
    '"Bearer x"',
    "Basic x, Bearer y",
  ];

  test.each(OTHER_SCHEMES)("an Authorization header of %j leaves it alone", async (authorization) => {
    const headers = { cookie: `__Host-session=${good}`, authorization };
    expect(await whoByRoute(secure, headers)).toBe(victim.person.id);
    expect(await whoByPage(secure, headers)).toBe(victim.person.id);
  });

  test.each(OTHER_SCHEMES)(
    "and of %j does not spare it the proof of where it comes from",
    async (authorization) => {
      const headers = { cookie: `__Host-session=${good}`, authorization };
      for (const more of [{}, { "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }]) {
        const all = { ...headers, ...more };
        const client = new Client(secure.url, {}, false);
        expectProblem(await client.post("/api/auth/logout", { headers: all }), "cross_site_request");
        expect((await client.post("/sessions", { headers: all, body: "x" })).status).toBe(403);
      }
      expect((await victim.program.get("/api/auth/verify")).status).toBe(200);
    },
  );

  test.each(OTHER_SCHEMES)("and of %j leaves the Sign out button what it is", async (authorization) => {
    const { token } = await newVisitor(secure, db.secure);
    const [[name, value] = []] = Object.entries(await cookieFor(secure, token));
    const signOut = (query: string) =>
      new Client(secure.url, {}, false).post(`/api/auth/logout${query}`, {
        headers: {
          cookie: `${name}=${value}`,
          authorization,
          "sec-fetch-site": "same-origin",
          "content-type": "application/x-www-form-urlencoded",
        },
      });
    for (const [query, how] of [
      ["", "1"],
      ["?deleted", "deleted"],
    ] as const) {
      const answer = await signOut(query);
      expect([answer.status, answer.headers.location]).toEqual([303, `/login?signed_out=${how}`]);
      expect(String(answer.headers["set-cookie"])).toContain(`${name}=;`);
    }
  });

  test.each(["Bearer", "bearer ", "BEARER x", "Bearer\tx", "Bearer  ", "Bearer, x", "bearer=x", "Bearer:x"])(
    "an Authorization header of %j puts it aside, for pages and routes",
    async (authorization) => {
      const headers = { cookie: `__Host-session=${good}`, authorization };
      expect(await whoByRoute(secure, headers)).toBeNull();
      expect(await whoByPage(secure, headers)).toBeNull();
    },
  );

  test("of two Authorization headers the first decides", async () => {
    const lines = (...authorizations: string[]) =>
      bytesOf([
        "GET /api/auth/verify HTTP/1.1",
        "Host: localhost",
        `Cookie: __Host-session=${good}`,
        ...authorizations.map((each) => `Authorization: ${each}`),
        "Connection: close",
      ]);
    expect(await exchange(secure, lines("Basic x", "Bearer x"))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await exchange(secure, lines("Bearer x", "Basic x"))).toMatch(/^HTTP\/1\.1 401 /);
  });
});

test("a token after a Bearer of any case and with more than one space is read", async () => {
  for (const scheme of ["Bearer ", "bearer ", "BEARER   ", "bEaReR \t"]) {
    const headers = { authorization: `${scheme}${victim.token}` };
    expect((await program(secure).get("/api/auth/verify", { headers })).status).toBe(200);
  }
});
