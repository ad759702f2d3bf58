import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { type Answer, browser, Client, program, type Request } from "../support/http/client";
import { bytesOf, exchange } from "../support/http/raw";
import { type Server, startServer } from "../support/http/server";
import { addPerson, PASSWORD } from "../support/people/people";
import { cookieFor, newVisitor, type Visitor } from "../support/people/visitors";

// Headers are what the client says. None makes the server fail, leads to another host, or is believed unasked.

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

let visitor: Visitor;
let cookie: string;
beforeAll(async () => {
  visitor = await newVisitor(server, db);
  cookie = `session=${Object.values(await cookieFor(server, visitor.token))[0]}`;
});

/** The fields by which a form without scripts calls a server action of a page, and the id of that action. */
/** A page with the form of a server action. */
const FORM = "/sessions/sign-out?which=everywhere";

async function actionOf(path: string): Promise<{ fields: [name: string, value: string][]; id: string }> {
  const { text } = await visitor.browser.get(path);
  const fields = [...text.matchAll(/name="(\$ACTION_[^"]+)"(?: value="([^"]*)")?/g)].map(
    ([, name = "", value = ""]): [string, string] => [
      name,
      value.replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
    ],
  );
  const id = /[\da-f]{42}/.exec(JSON.stringify(fields))?.[0] ?? "";
  expect(id).not.toBe("");
  return { fields, id };
}

/** The parts of a form, with the boundary "x". */
const partsOf = (fields: [string, string][]) =>
  fields.map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);

function multipart(fields: [string, string][]): { type: string; body: string } {
  return { type: "multipart/form-data; boundary=x", body: `${partsOf(fields).join("")}--x--\r\n` };
}

describe("a server action behind a proxy that passes on what it likes", () => {
  test.each<[string, Record<string, string>]>([
    ["its own Host", { host: "127.0.0.1:3000" }],
    ["a name of its own network", { host: "app.internal" }],
    ["a forged X-Forwarded-Host", { "x-forwarded-host": "evil.example" }],
    ["a list of them", { "x-forwarded-host": "evil.example, a.example" }],
    ["the scheme that it speaks itself", { "x-forwarded-proto": "http", host: "app" }],
    ["a port", { "x-forwarded-port": "1", host: "x:1" }],
    ["noise for a Host", { host: "\xff\x80" }],
    ["no Host", { host: "" }],
  ])("%s is done", async (_, headers) => {
    const { type, body } = multipart((await actionOf(FORM)).fields);
    const answer = await visitor.browser.post("/sessions", {
      headers: { ...headers, "content-type": type },
      body,
    });
    expect(answer.status).toBeLessThan(400);
  });

  test.each([
    ["https://evil.example", 403],
    ["not an origin", 403],
    ["http://", 403],
    ["null", 200],
  ])("with Sec-Fetch-Site same-origin and the Origin %j is %i", async (origin, status) => {
    const { type, body } = multipart((await actionOf(FORM)).fields);
    for (const path of ["/sessions", "/robots.txt", "/unknown"]) {
      const answer = await visitor.browser.post(path, { headers: { origin, "content-type": type }, body });
      if (path === "/sessions") expect([answer.status, answer.status < 400 ? 200 : 0]).toContain(status);
      else expect(answer.status).toBeLessThan(500);
    }
  });

  test("what localhost is called does not matter on localhost", async () => {
    const { type, body } = multipart((await actionOf(FORM)).fields);
    for (const name of ["127.0.0.1", "[::1]", "localhost"]) {
      const origin = server.origin.replace("localhost", name);
      const headers = { origin, host: origin.replace("http://", ""), "content-type": type };
      expect((await visitor.browser.post("/sessions", { headers, body })).status).toBeLessThan(400);
    }
  });
});

describe("a call of a server action that is none is the sender's mistake", () => {
  const BODIES: [type: string, body: string][] = [
    ["text/plain;charset=UTF-8", ""],
    ["text/plain;charset=UTF-8", "["],
    ["text/plain;charset=UTF-8", '["$K1"]'],
    ["text/plain;charset=UTF-8", '["$F9"]'],
    ["application/json", "{"],
    ["application/x-www-form-urlencoded", "a=b"],
    ["multipart/form-data", "x"],
    ["multipart/form-data; boundary=", "x"],
    ["multipart/form-data; boundary=x", ""],
    ["multipart/form-data; boundary=x", "x"],
    ["multipart/form-data; boundary=x", "--x--"],
    ["multipart/form-data; boundary=x", "--x\r\n\r\n--x--\r\n"],
    ["multipart/form-data; boundary=x", partsOf([["0", "["]]).join("")],
    Object.values(multipart([["0", "["]])) as [string, string],
    Object.values(multipart([["0", '["$K1", "$Q2", "$@3"]']])) as [string, string],
  ];
  const PLACES = ["/", "/login", "/sessions", "/security", "/unknown", "/robots.txt", "/_next/static/x.js"];

  async function post(path: string, headers: Record<string, string>, sent: string): Promise<number> {
    return (await visitor.browser.post(path, { headers, body: sent })).status;
  }

  test.each(BODIES)("%s with %j, called by a script", async (type, sent) => {
    const { id } = await actionOf(FORM);
    for (const called of [id, "40".repeat(21), "x", "toString", "__proto__", ""])
      for (const place of PLACES) {
        const status = await post(place, { "next-action": called, "content-type": type }, sent);
        expect(status, `${called} ${place}`).toBeLessThan(500);
      }
  });

  test("its own action with a body that cannot be read is 400", async () => {
    const { id } = await actionOf(FORM);
    for (const [type, sent] of BODIES.filter(([, each]) => each === "[" || each.includes('"0"\r\n\r\n[\r')))
      expect(await post("/sessions", { "next-action": id, "content-type": type }, sent)).toBe(400);
  });

  test.each<[what: string, (id: string) => [string, string][]]>([
    ["nothing", () => []],
    ["no action", () => [["intent", "end-all"]]],
    ["an action without its arguments", (id) => [[`$ACTION_ID_${id}`, ""]]],
    ["an action that nobody knows", () => [[`$ACTION_ID_${"40".repeat(21)}`, ""]]],
    ["arguments that are missing", (id) => bound(`{"id":"${id}","bound":"$@7"}`)],
    ["arguments that are cut off", (id) => bound(`{"id":"${id}",`)],
    ["arguments that are none", (id) => bound(`{"id":"${id}","bound":7}`)],
    ["a key that is none", (id) => [...bound(`{"id":"${id}","bound":null}`), ["$ACTION_KEY", "x"]]],
  ])("a form with %s", async (_, fieldsFor) => {
    const { id } = await actionOf(FORM);
    const { type, body: sent } = multipart(fieldsFor(id));
    for (const place of PLACES)
      expect(await post(place, { "content-type": type }, sent), place).toBeLessThan(500);
    for (const bad of ["multipart/form-data", "multipart/form-data; boundary=y", "MULTIPART/FORM-DATA; x"])
      expect(await post("/sessions", { "content-type": bad }, sent), bad).toBeLessThan(500);
  });

  const bound = (descriptor: string): [string, string][] => [
    ["$ACTION_REF_1", ""],
    ["$ACTION_1:0", descriptor],
  ];
});

/** Next sends a router on to an address that holds a hash of its headers. */
async function followed(client: Client, method: string, path: string, request: Request): Promise<Answer> {
  const answer = await client.send(method, path, request);
  const { location = "" } = answer.headers;
  return /^\/[^/].*_rsc=|^\/\?_rsc=/.test(location) ? client.send(method, location, request) : answer;
}

const nested = (depth: number) => `${'["",{"children":'.repeat(depth)}["",{}]${"}]".repeat(depth)}`;

test.each([
  ["no JSON", "["],
  ["no tree", "[]"],
  ["a tree of another shape", '["",{"children":7}]'],
  ["a segment of an unknown kind", '[["a","b","x",null],{}]'],
  ["one that cannot be decoded", "%"],
  ["a deep one", nested(400)],
  ["a very deep one", "[".repeat(8_000)],
  ["one that names another site", '["",{},["//evil.example","x"],"refetch"]'],
  ["a good one of another page", '["",{"children":["x",{"children":["__PAGE__",{}]},null,"refetch"]}]'],
])("a router whose state is %s gets its page", async (_, state) => {
  for (const page of ["/", "/login", "/sessions"])
    for (const prefetch of [
      {},
      { "next-router-prefetch": "1" },
      { "next-router-segment-prefetch": "/_tree" },
    ]) {
      const headers = {
        rsc: "1",
        "next-router-state-tree": state,
        "next-url": state.slice(0, 50),
        ...prefetch,
      };
      const { status, headers: said } = await followed(
        new Client(server.url, { cookie }, false),
        "GET",
        page,
        {
          headers,
        },
      );
      expect(status, page).toBe(200);
      expect(said["content-type"]).toMatch(/^text\/x-component/);
    }
});

test("no client chooses the nonce of scripts, nor breaks a page with one", async () => {
  for (const path of ["/login", "/unknown", "/_next/static/unknown.js", "/robots.txt", "/api/unknown"])
    for (const nonce of ["abc", "<", "\"'>&"]) {
      const headers = { "content-security-policy": `script-src 'nonce-${nonce}'` };
      const answer = await visitor.browser.get(path, { headers });
      expect(answer.status, path).toBeLessThan(500);
      expect(answer.text).not.toContain(`nonce="${nonce}"`);
    }
});

test("a page that refuses a stranger says what else it may be, and where this site is", async () => {
  const answer = await new Client(server.url, {}, false).post("/sessions", {
    headers: { origin: "http://box.lan:3000", cookie },
    body: "x",
  });
  expect(answer.status).toBe(403);
  expect(answer.text).toContain(server.origin);
  const problem = await program(server).post("/api/auth/login", {
    headers: { origin: "http://box.lan:3000" },
    form: { email: "a@b.example", password: PASSWORD },
  });
  expect(problem.json()).toMatchObject({ code: "cross_site_request" });
  expect(problem.json<{ detail: string }>().detail).toContain(server.origin);
});

const NAMES = [
  "x-middleware-subrequest",
  "x-middleware-rewrite",
  "x-middleware-redirect",
  "x-middleware-next",
  "x-middleware-invoke",
  "x-middleware-set-cookie",
  "x-middleware-override-headers",
  "x-middleware-request-cookie",
  "x-middleware-prefetch",
  "x-middleware-cache",
  "x-invoke-path",
  "x-invoke-query",
  "x-invoke-status",
  "x-invoke-error",
  "x-invoke-output",
  "x-matched-path",
  "x-now-route-matches",
  "x-vercel-id",
  "x-nextjs-data",
  "x-nextjs-postponed",
  "x-nextjs-cache",
  "x-nextjs-request-id",
  "x-nextjs-html-request-id",
  "x-next-resume-state-length",
  "x-next-revalidated-tags",
  "x-next-revalidate-tag-token",
  "x-next-cache-tags",
  "x-prerender-revalidate",
  "x-prerender-revalidate-if-generated",
  "x-action-forwarded",
  "x-action-redirect",
  "next-resume",
  "next-action",
  "next-router-state-tree",
  "next-router-prefetch",
  "next-router-segment-prefetch",
  "next-hmr-refresh",
  "next-url",
  "next-instant-navigation-testing",
  "next-test-fetch-priority",
  "rsc",
  "traceparent",
  "baggage",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded-for",
  "x-forwarded-prefix",
  "x-original-url",
  "x-rewrite-url",
  "x-http-method-override",
  "forwarded",
  "x-real-ip",
  "x-request-id",
  "host",
  "origin",
  "referer",
  "sec-fetch-site",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "accept",
  "accept-language",
  "accept-encoding",
  "authorization",
  "content-type",
  "content-language",
  "range",
  "if-range",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "cache-control",
  "te",
  "via",
  "priority",
  "purpose",
  "user-agent",
  "cookie",
  "content-security-policy",
  "content-security-policy-report-only",
  "set-cookie",
  "x-nonce",
  "x-deployment-id",
  "constructor",
];

const VALUES = [
  "1",
  "0",
  "true",
  "",
  "*",
  "/",
  "//evil.example",
  "https://evil.example/",
  "evil.example",
  "/login",
  "/api/auth/verify",
  "..%2f",
  "%",
  "%zz",
  "%00",
  "\xff\xfe\x80",
  "{}",
  "[",
  "[]",
  "null",
  '["",{"children":["x",{}]}]',
  "%5B%22%22%2C%7B%7D%5D",
  "40".repeat(21),
  "7f".repeat(21),
  "x",
  "multipart/form-data",
  "multipart/form-data; boundary=",
  "multipart/form-data; boundary=x",
  "application/x-www-form-urlencoded",
  "application/json",
  "text/plain;charset=UTF-8",
  "text/x-component",
  "bytes=0-",
  "bytes=99999999999-",
  "bytes=5-1",
  'W/"x"',
  "-1",
  "NaN",
  "1e9",
  "Thu, 01 Jan 1970 00:00:00 GMT",
  "00-0-0-00",
  "document",
  "image",
  "en-US@posix,;q=1",
  "http://[",
  "http://a:b:c",
  "__proto__",
  "constructor",
  "nonce-'\">",
  // Six of them fit into the 16 KiB that Node reads of a head.
  "x".repeat(2_000),
  "%41".repeat(600),
];

const PATHS = [
  "/",
  "/login",
  "/login?next=%2Fsessions",
  "/signup",
  "/sessions",
  "/security",
  "/dashboard",
  "/unknown",
  "/robots.txt",
  "/favicon.ico",
  "/icon.svg",
  "/_next/static/x.js",
  "/_next/image?url=%2Fx&w=1&q=1",
  "/_next/data/x/login.json",
  "/api/auth/verify",
  "/api/auth/sessions",
  "/api/auth/login",
  "/api/unknown",
  "/.well-known/jwks.json",
  "/404",
  "/500",
  "/_not-found",
  "/_error",
];

type Tried = { method: string; path: string; headers: Record<string, string>; body: string | null };

/** What is wrong with the answer, or null. */
async function complaintOf({ method, path, headers, body }: Tried): Promise<string | null> {
  const client = new Client(server.url, { cookie, "sec-fetch-site": "same-origin" }, false);
  const answer = await followed(client, method, path, { headers, ...(body === null ? {} : { body }) });
  const targets = ["location", "refresh", "x-action-redirect", "content-location", "link"]
    .map((name) => String(answer.headers[name] ?? ""))
    .filter((target) => /evil|^\w+:|^\/\//.test(target));
  const isGood =
    answer.status < 500 &&
    targets.length === 0 &&
    String(answer.headers["content-security-policy"]).includes("frame-ancestors 'none'");
  return isGood ? null : JSON.stringify({ method, path, headers, body, status: answer.status, targets });
}

async function complaintsOf(tried: Tried[]): Promise<string[]> {
  const complaints: (string | null)[] = [];
  for (let start = 0; start < tried.length; start += 10)
    complaints.push(...(await Promise.all(tried.slice(start, start + 10).map(complaintOf))));
  return complaints.filter((each) => each !== null);
}

/** So that every run tries others; a failure tells how to try the same again. */
const SEED = Date.now() % 2 ** 31;

const value = fc.constantFrom(...VALUES);
const body = fc.oneof(
  fc.constant(null),
  value,
  fc.constant('--x\r\nContent-Disposition: form-data; name="$ACTION_REF_1"\r\n\r\n\r\n--x--\r\n'),
);
const method = fc.constantFrom("GET", "POST", "POST", "PUT", "HEAD", "DELETE");
const path = fc.constantFrom(...PATHS);

test("no header alone makes any page or route fail", async () => {
  const tried = NAMES.flatMap((name, index) => {
    const one = fc.record({ method, path, headers: fc.record({ [name]: value }), body });
    return fc.sample(one, { numRuns: 6, seed: SEED + index });
  });
  expect(await complaintsOf(tried), `seed ${SEED}`).toEqual([]);
}, 240_000);

test("no combination of headers makes any page or route fail", async () => {
  const headers = fc.dictionary(fc.constantFrom(...NAMES), value, { minKeys: 2, maxKeys: 6 });
  const tried = fc.sample(fc.record({ method, path, headers, body }), { numRuns: 500, seed: SEED });
  expect(await complaintsOf(tried), `seed ${SEED}`).toEqual([]);
}, 240_000);

describe("headers of a proxy that the operator names", () => {
  let naming: Server;
  beforeAll(async () => {
    naming = await startServer({
      databaseUrl: await freshDatabase(),
      env: {
        TRUSTED_LOCATION_HEADERS: "X-Geo-City, X-Geo-Country",
        TRUSTED_REQUEST_ID_HEADER: "X-Trace-Id",
      },
    });
  });
  afterAll(() => naming?.stop());

  async function signIn(
    place: { url: string; origin: string; databaseUrl: string },
    headers: Record<string, string>,
  ) {
    const own = connect(place.databaseUrl);
    const { email, id } = await addPerson(own);
    const answer = await program(place).post("/api/auth/login", {
      json: { email, password: PASSWORD },
      headers,
    });
    const { rows } = await own.query("SELECT request_id FROM security_events WHERE user_id = $1", [id]);
    await own.end();
    return {
      location: answer.json<{ session: { location: string | null } }>().session.location,
      ids: rows.map((row) => row.request_id),
    };
  }

  test("are believed", async () => {
    const seen = await signIn(naming, {
      "x-geo-city": "S%C3%A3o Paulo",
      "x-geo-country": "BR",
      "x-trace-id": "trace-0123456789",
    });
    expect(seen.location).toBe("São Paulo, BR");
    expect(seen.ids).toContain("trace-0123456789");
  });

  test("but are only as clean as the proxy that wrote them", async () => {
    for (const [city = "", location] of [
      ["%00", null],
      ["A%0d%0aB%00", "AB"],
      [`${"x".repeat(99)}%F0%9F%8D%B3y`, `${"x".repeat(99)}🍳`],
      ["%E0%A4%A", "%E0%A4%A"],
    ] as const)
      expect((await signIn(naming, { "x-geo-city": city })).location).toBe(location);
    for (const id of ["short", "x".repeat(65), "with space here", "trace-0123, trace-4567"])
      expect((await signIn(naming, { "x-trace-id": id })).ids).not.toContain(id);
  });

  test("and only those, also behind a trusted proxy", async () => {
    const said = {
      "cf-ipcity": "Lisbon",
      "cf-ipcountry": "PT",
      "x-vercel-ip-city": "Lisbon",
      "x-vercel-ip-country": "PT",
      "x-request-id": "given-from-outside",
      "x-trace-id": "given-from-outside",
      "x-geo-city": "Lisbon",
      "x-real-ip": "203.0.113.9",
    };
    const { "x-trace-id": _, "x-geo-city": __, ...others } = said;
    for (const seen of [await signIn(server, said), await signIn(naming, others)]) {
      expect(seen.location).toBeNull();
      expect(seen.ids.length).toBeGreaterThan(0);
      expect(seen.ids).not.toContain("given-from-outside");
    }
  });
});

test("with fewer addresses than trusted proxies, none is believed; of several headers, the last counts", async () => {
  const two = await startServer({ databaseUrl: await freshDatabase(), env: { TRUSTED_PROXY_HOPS: "2" } });
  const own = connect(two.databaseUrl);
  const { email } = await addPerson(own);
  const body = JSON.stringify({ email, password: PASSWORD });
  const ipFor = async (...lines: string[]) => {
    const head = [
      "POST /api/auth/login HTTP/1.1",
      "Host: x",
      "Content-Type: application/json",
      "Connection: close",
    ];
    const answer = await exchange(two, bytesOf([...head, `Content-Length: ${body.length}`, ...lines], body));
    return /"ip":("[^"]*"|null)/.exec(answer)?.[1];
  };
  expect(await ipFor("X-Forwarded-For: 203.0.113.1")).toBe("null");
  expect(await ipFor("X-Forwarded-For: 198.51.100.1, 203.0.113.1, 203.0.113.2")).toBe('"203.0.113.1"');
  expect(
    await ipFor(
      "X-Forwarded-For: 198.51.100.1",
      "X-Forwarded-For: 203.0.113.1",
      "X-Forwarded-For: 203.0.113.2",
    ),
  ).toBe('"203.0.113.1"');
  expect(await ipFor("Forwarded: for=203.0.113.1", "X-Real-IP: 203.0.113.1")).toBe("null");
  await own.end();
  await two.stop();
});

test("the way to the log-in page does not depend on the host that a client names", async () => {
  for (const headers of [
    { host: "evil.example" },
    { host: "evil.example:443", "x-forwarded-proto": "https" },
    { "x-forwarded-host": "evil.example", "x-forwarded-proto": "javascript" },
    { "x-forwarded-port": "1" },
    { forwarded: "host=evil.example;proto=https" },
  ]) {
    const answer = await browser(server).get("/sessions?a=b", { headers });
    expect(answer.headers.location).toBe("/login?next=%2Fsessions%3Fa%3Db");
  }
});
