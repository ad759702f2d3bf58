import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { connect } from "../support/database/database";
import { Client, program } from "../support/http/client";
import { expectDescribed } from "../support/http/described";
import { startVerifier, type Verifier } from "../support/http/verifier";
import { cookieFor, newSession, newVisitor, type Visitor } from "../support/people/visitors";

// The verifier, beside the app and on its database: it says what the app says, and knows of an ending before that is answered.

const server = inject("plain");
const db = connect(server.databaseUrl);
const CLIENTS = { gateway: "a secret of a gateway, 40 characters long" };
const METRICS_TOKEN = "the metrics of the verifier are for its scraper";

let verifier: Verifier;
let visitor: Visitor;
let cookie: string;
beforeAll(async () => {
  const env = { INTROSPECTION_CLIENTS: JSON.stringify(CLIENTS), METRICS_TOKEN };
  verifier = await startVerifier(server, { env });
  visitor = await newVisitor(server, db);
  const [sealed] = Object.entries(await cookieFor(server, visitor.token));
  cookie = sealed?.join("=") ?? "";
}, 60_000);
afterAll(async () => {
  await verifier?.stop();
  await db.end();
});

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(verifier.url + path, { redirect: "manual", ...init });
  const { status, headers } = response;
  const text = await response.clone().text();
  expectDescribed(init.method ?? "GET", path, { status, headers: Object.fromEntries(headers), text });
  return response;
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** What both say of the same request: status, body and the headers that mean something. */
async function essence(response: Response) {
  const {
    "set-cookie": _,
    date: __,
    connection: ___,
    "keep-alive": ____,
    vary: _____,
    ...headers
  } = Object.fromEntries(response.headers);
  delete headers["transfer-encoding"];
  delete headers["content-length"];
  return { status: response.status, headers, body: await response.text() };
}

describe("/verify says what /api/auth/verify says, to the byte", () => {
  const CASES: [what: string, init: () => RequestInit][] = [
    ["a good token", () => ({ headers: bearer(visitor.token) })],
    ["a good token by POST", () => ({ method: "POST", headers: bearer(visitor.token) })],
    ["a cookie", () => ({ headers: { cookie: cookie } })],
    [
      "a cookie by POST from another site",
      () => ({ method: "POST", headers: { cookie: cookie, "sec-fetch-site": "cross-site" } }),
    ],
    [
      "a cookie by POST from a page",
      () => ({ method: "POST", headers: { cookie: cookie, "sec-fetch-site": "same-origin" } }),
    ],
    ["nothing", () => ({})],
    ["nonsense", () => ({ headers: bearer("nonsense") })],
    ["another scheme", () => ({ headers: { authorization: "Basic eDp5" } })],
    ["a method that there is not", () => ({ method: "DELETE", headers: bearer(visitor.token) })],
    ["OPTIONS", () => ({ method: "OPTIONS" })],
  ];
  test.each(CASES)("of %s", async (_, init) => {
    const [ours, theirs] = await Promise.all([
      ask("/verify", init()),
      fetch(`${server.url}/api/auth/verify`, init()),
    ]);
    expect(await essence(ours)).toEqual(await essence(theirs));
  });

  test("of an ended session, and of a HEAD", async () => {
    const other = await newSession(server, db, visitor.person);
    expect((await ask("/verify", { method: "HEAD", headers: bearer(other.token) })).status).toBe(200);
    await other.program.post("/api/auth/logout");
    const [ours, theirs] = await Promise.all([
      ask("/verify", { headers: bearer(other.token) }),
      fetch(`${server.url}/api/auth/verify`, { headers: bearer(other.token) }),
    ]);
    const said = await essence(ours);
    expect(said).toEqual(await essence(theirs));
    expect(said.status).toBe(401);
    expect(JSON.parse(said.body)).toMatchObject({ code: "session_ended" });
  });
});

test("a session is refused by the verifier when its ending has been answered by the app, every time", async () => {
  for (let round = 0; round < 20; round += 1) {
    const other = await newSession(server, db, visitor.person);
    expect((await ask("/verify", { headers: bearer(other.token) })).status).toBe(200);
    expect((await visitor.program.delete(`/api/auth/sessions/${other.row.id}`)).status).toBe(204);
    expect((await ask("/verify", { headers: bearer(other.token) })).status).toBe(401);
    expect((await ask("/forward", { headers: bearer(other.token) })).status).toBe(401);
  }
});

test("a session that it knows costs no query", async () => {
  await ask("/verify", { headers: bearer(visitor.token) });
  const hits = async () => {
    const text = await (await ask("/metrics", { headers: bearer(METRICS_TOKEN) })).text();
    const number = (name: string) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
    return [number("latchkey_checks_from_memory_total"), number("latchkey_checks_missed_total")] as const;
  };
  const [before, missed] = await hits();
  for (let count = 0; count < 50; count += 1) await ask("/verify", { headers: bearer(visitor.token) });
  const [after, stillMissed] = await hits();
  expect(after - before).toBe(50);
  expect(stillMissed).toBe(missed);
});

describe("/forward", () => {
  test("tells the gateway who it is, in ASCII, by any method, and lets a cookie of another site count", async () => {
    await db.query(
      "UPDATE users SET email = 'zoë%' || substr(id::text, 1, 8) || '@example.com' WHERE id = $1",
      [visitor.person.id],
    );
    await expect
      .poll(async () =>
        (await ask("/forward", { headers: bearer(visitor.token) })).headers.get("x-auth-email"),
      )
      .toMatch(/^zo%C3%AB%25[\da-f]{8}@example\.com$/);
    for (const init of [
      { method: "PUT", headers: bearer(visitor.token) },
      { method: "POST", headers: { cookie: cookie, "sec-fetch-site": "cross-site" } },
    ]) {
      const answer = await ask("/forward", init);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-auth-user")).toBe(visitor.person.id);
      expect(answer.headers.get("x-auth-session")).toBe(visitor.row.id);
      expect(answer.headers.get("x-auth-role")).toBe("user");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  });

  const HERE = new URL(server.origin).host;
  test.each<[what: string, query: string, headers: Record<string, string>, location: string | null]>([
    ["without ?redirect", "", { "x-forwarded-uri": "/reports" }, null],
    ["without the path", "?redirect", {}, null],
    [
      "a navigation",
      "?redirect",
      { "x-forwarded-uri": "/reports?page=2", accept: "text/html" },
      "/reports?page=2",
    ],
    ["a navigation behind nginx", "?redirect", { "x-original-uri": "/reports" }, "/reports"],
    [
      "a navigation at this host",
      "?redirect",
      { "x-forwarded-uri": "/reports", "x-forwarded-host": HERE },
      "/reports",
    ],
    [
      "a navigation at another host",
      "?redirect",
      { "x-forwarded-uri": "/reports", "x-forwarded-host": "x.example" },
      "/sessions",
    ],
    ["a path to another site", "?redirect", { "x-forwarded-uri": "//evil.example" }, "/sessions"],
    ["a script's request", "?redirect", { "x-forwarded-uri": "/reports", "sec-fetch-dest": "empty" }, null],
    [
      "a browser that a staging site has sent its own password with",
      "?redirect",
      {
        "x-forwarded-uri": "/reports",
        authorization: "Basic c3RhZ2U6c3RhZ2U=",
        "sec-fetch-dest": "document",
      },
      "/reports",
    ],
    [
      "a program with a password",
      "?redirect",
      { "x-forwarded-uri": "/reports", authorization: "Basic eA==" },
      null,
    ],
    ["a program", "?redirect", { "x-forwarded-uri": "/reports", authorization: "Bearer nonsense" }, null],
    ["a form", "?redirect", { "x-forwarded-uri": "/reports", "x-forwarded-method": "POST" }, null],
  ])("sends a stranger to sign in, or says 401: %s", async (_, query, headers, next) => {
    const answer = await ask(`/forward${query}`, { headers });
    if (next === null) expect([answer.status, answer.headers.get("location")]).toEqual([401, null]);
    else
      expect([answer.status, answer.headers.get("location")]).toEqual([
        302,
        `${server.origin}/login?${new URLSearchParams({ next })}`,
      ]);
  });
});

describe("/introspect", () => {
  const form = (fields: Record<string, string> | string) => new URLSearchParams(fields);
  const basic = (name: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`,
  });
  const known = basic("gateway", CLIENTS.gateway);
  const introspect = (body: URLSearchParams | string, headers: Record<string, string> = known) =>
    ask("/introspect", { method: "POST", body, headers });

  test("says what a live token says, and of any other exactly that it is not active", async () => {
    const answer = await introspect(form({ token: visitor.token, token_type_hint: "access_token" }));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      active: true,
      token_type: "Bearer",
      sub: visitor.person.id,
      sid: visitor.row.id,
      iss: server.origin,
      exp: expect.any(Number),
    });
    const ended = await newSession(server, db, visitor.person, { startedAgo: 60, endedAgo: 10 });
    for (const token of [ended.token, "nonsense", cookie]) {
      const inactive = await introspect(form({ token }));
      expect([inactive.status, await inactive.text()]).toEqual([200, '{"active":false}']);
    }
  });

  test("asks for the client's name and secret, however they are encoded", async () => {
    expect(
      (
        await introspect(
          form({ token: visitor.token }),
          basic("gateway", encodeURIComponent(CLIENTS.gateway)),
        )
      ).status,
    ).toBe(200);
    for (const headers of [
      {},
      basic("gateway", "wrong"),
      basic("nobody", CLIENTS.gateway),
      basic("", ""),
      bearer(visitor.token),
    ]) {
      const answer = await introspect(form({ token: visitor.token }), headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Basic /);
    }
  });

  test("takes one token in a form, and nothing else", async () => {
    for (const body of [form({}), form({ token: "" }), form("token=a&token=b")])
      expect((await introspect(body)).status).toBe(400);
    const json = JSON.stringify({ token: visitor.token });
    expect((await introspect(json, { ...known, "content-type": "application/json" })).status).toBe(415);
    expect((await ask("/introspect", { headers: known })).status).toBe(405);
  });
});

test("without clients there is no introspection, in the app either, and nothing tells of it", async () => {
  const { status } = await program(server).post("/api/auth/introspect", { form: { token: visitor.token } });
  expect(status).toBe(404);
  const metadata = await new Client(server.url, {}, false).get("/.well-known/oauth-authorization-server");
  expect(metadata.json()).toEqual({
    issuer: server.origin,
    jwks_uri: `${server.origin}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
  });
});

test("it tells how it is, shows its keys, and knows nothing else", async () => {
  expect((await ask("/health/live")).status).toBe(200);
  expect((await ask("/health/ready")).status).toBe(200);
  expect((await ask("/metrics")).status).toBe(401);
  const keys = await (await ask("/.well-known/jwks.json")).json();
  expect(keys).toEqual(await (await fetch(`${server.url}/.well-known/jwks.json`)).json());
  for (const path of ["/", "/api/auth/verify", "/verify/", "/__proto__", "/toString"]) {
    const answer = await fetch(verifier.url + path);
    expect([path, answer.status]).toEqual([path, 404]);
  }
  const large = await ask("/verify", { method: "POST", body: "x".repeat(20_000) });
  expect(large.status).toBe(413);
});

test("its log has a line for what it refuses, and for what it lets in only where it is asked to", async () => {
  const chatty = await startVerifier(server, { env: { LOG_LEVEL: "debug" } });
  onTestFinished(async () => void (await chatty.stop()));
  for (const [{ url, lines }, admitted] of [[verifier, 0] as const, [chatty, 2] as const]) {
    const other = await newSession(server, db, visitor.person);
    const check = (path: string) => fetch(url + path, { headers: bearer(other.token) });
    const linesOf = (status: number) =>
      lines.filter((line) => line.includes(`"status":${status}`) && line.includes(other.row.id)).length;
    for (const path of ["/verify", "/forward"]) expect((await check(path)).status).toBe(200);
    await other.program.post("/api/auth/logout");
    for (const path of ["/verify", "/forward"]) expect((await check(path)).status).toBe(401);
    await expect.poll(() => linesOf(401)).toBe(2);
    expect(linesOf(200)).toBe(admitted);
  }
});

test("several workers are instances of their own, and all of them end with their parent", async () => {
  const fleet = await startVerifier(server, { env: { VERIFIER_WORKERS: "2" } });
  try {
    await expect.poll(() => fleet.lines.filter((line) => line.includes("verifier_ready")).length).toBe(2);
    for (let round = 0; round < 5; round += 1) {
      const other = await newSession(server, db, visitor.person);
      const check = () =>
        fetch(`${fleet.url}/verify`, { headers: { ...bearer(other.token), connection: "close" } });
      for (let each = 0; each < 4; each += 1) expect((await check()).status).toBe(200);
      await other.program.post("/api/auth/logout");
      for (let each = 0; each < 4; each += 1) expect((await check()).status).toBe(401);
    }
  } finally {
    expect((await fleet.stop()).code).toBe(0);
  }
});

test("weak secrets of clients refuse the start", async () => {
  for (const clients of ['{"a":"short"}', "[]", "nonsense", `{"a":"${"x".repeat(40)}"}`])
    await expect(startVerifier(server, { env: { INTROSPECTION_CLIENTS: clients } })).rejects.toThrow(
      /INTROSPECTION_CLIENTS must be JSON/,
    );
});
