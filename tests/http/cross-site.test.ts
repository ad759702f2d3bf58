import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { Client, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { addPerson, PASSWORD } from "../support/people/people";
import { cookieFor, newSession, newVisitor, type Visitor } from "../support/people/visitors";

// What another site can make a browser do: it sends the cookie, and says where the request comes from.

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const REFUSED: [string, Record<string, string>][] = [
  ["another site", { "sec-fetch-site": "cross-site" }],
  ["a neighbour", { "sec-fetch-site": "same-site" }],
  ["a person, by hand", { "sec-fetch-site": "none" }],
  ["a word that nobody knows", { "sec-fetch-site": "sameorigin" }],
  ["nothing", { "sec-fetch-site": "" }],
  ["another site, with our origin", { "sec-fetch-site": "cross-site", origin: server.origin }],
  ["nobody at all", {}],
  ["another origin", { origin: "https://evil.example" }],
  ["a null origin", { origin: "null" }],
  ["our origin in capitals", { origin: server.origin.toUpperCase() }],
  ["our origin with a slash", { origin: `${server.origin}/` }],
  ["another port", { origin: "http://localhost:1" }],
  ["https instead", { origin: server.origin.replace("http:", "https:") }],
  ["a longer host", { origin: `${server.origin}.evil.example` }],
  ["our referer alone", { referer: `${server.origin}/sessions` }],
];

const ACCEPTED: [string, Record<string, string>][] = [
  ["Sec-Fetch-Site same-origin", { "sec-fetch-site": "same-origin" }],
  ["both", { "sec-fetch-site": "same-origin", origin: server.origin }],
  ["Origin alone, from an old browser", { origin: server.origin }],
];

/** The cookie of a visitor, and of where the request comes from only what the headers say. */
async function cookieOf({ token }: Visitor): Promise<string> {
  const [[name, value] = []] = Object.entries(await cookieFor(server, token));
  return `${name}=${value}`;
}

async function send(
  visitor: Visitor,
  method: string,
  path: string,
  headers: Record<string, string>,
  json?: unknown,
) {
  const cookie = await cookieOf(visitor);
  return new Client(server.url, {}, false).send(method, path, {
    headers: { cookie, ...headers },
    ...(json ? { json } : {}),
  });
}

const UNSAFE: [string, (visitor: Visitor) => [string, string, unknown?]][] = [
  ["logout", () => ["POST", "/api/auth/logout"]],
  ["logout-others", () => ["POST", "/api/auth/logout-others"]],
  ["logout-all", () => ["POST", "/api/auth/logout-all"]],
  ["ending one", ({ row }) => ["DELETE", `/api/auth/sessions/${row.id}`]],
  ["naming one", ({ row }) => ["PATCH", `/api/auth/sessions/${row.id}`, { name: "x" }]],
  ["verify by POST", () => ["POST", "/api/auth/verify"]],
  ["the receipt", () => ["POST", "/api/auth/receipt"]],
];

describe.each(UNSAFE)("%s with a cookie", (_, request) => {
  test.each(REFUSED)("from %s: 403, nothing changed", async (_from, headers) => {
    const visitor = await newVisitor(server, db);
    const other = await newSession(server, db, visitor.person);
    const [method, path, json] = request(visitor);
    const answer = await send(visitor, method, path, headers, json);
    expectProblem(answer, "cross_site_request");
    expect(answer.json()).toMatchObject({
      detail: expect.stringContaining(`the address in your browser is not ${server.origin}`),
    });
    for (const each of [visitor, other])
      expect((await each.program.get("/api/auth/verify")).status).toBe(200);
    const { rows } = await db.query("SELECT name FROM sessions WHERE id = $1", [visitor.row.id]);
    expect(rows).toEqual([{ name: null }]);
  });

  test.each(ACCEPTED)("with %s: done", async (_from, headers) => {
    const visitor = await newVisitor(server, db);
    const [method, path, json] = request(visitor);
    expect((await send(visitor, method, path, headers, json)).status).toBeLessThan(300);
  });

  test("a program with its token need not say where it comes from", async () => {
    const visitor = await newVisitor(server, db);
    const [method, path, json] = request(visitor);
    const answer = await visitor.program.send(method, path, {
      headers: { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
      ...(json ? { json } : {}),
    });
    expect(answer.status).toBeLessThan(300);
  });
});

test("reading with a cookie needs no proof, and no other site gets to read it", async () => {
  const visitor = await newVisitor(server, db);
  for (const path of ["/api/auth/verify", "/api/auth/sessions"]) {
    const answer = await send(visitor, "GET", path, {
      "sec-fetch-site": "cross-site",
      origin: "https://evil.example",
    });
    expect(answer.status).toBe(200);
    expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  }
});

test("a preflight of another site is told nothing", async () => {
  for (const path of ["/api/auth/login", "/api/auth/logout", "/api/auth/sessions"]) {
    const answer = await program(server).send("OPTIONS", path, {
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  }
});

describe("logging somebody in, or up, from another site", () => {
  test.each(REFUSED)("by a form from %s: sent back, no session", async (_, headers) => {
    const { email } = await addPerson(db);
    for (const path of ["/api/auth/login", "/api/auth/signup"]) {
      const answer = await program(server).post(path, { form: { email, password: PASSWORD }, headers });
      expectProblem(answer, "cross_site_request");
    }
  });

  test.each(ACCEPTED)("by a form with %s: done", async (_, headers) => {
    const { email } = await addPerson(db);
    const answer = await program(server).post("/api/auth/login", {
      form: { email, password: PASSWORD },
      headers,
    });
    expect(answer.status).toBe(303);
    expect(answer.setCookies.length).toBeGreaterThan(0);
  });

  test("by JSON that carries a cookie along: refused too", async () => {
    const visitor = await newVisitor(server, db);
    const { email } = visitor.person;
    const answer = await send(
      visitor,
      "POST",
      "/api/auth/login",
      { "sec-fetch-site": "cross-site" },
      { email, password: PASSWORD },
    );
    expectProblem(answer, "cross_site_request");
  });
});

describe("a server action, real or not, on any page", () => {
  test.each(REFUSED)("from %s: 403, before anything runs", async (_, headers) => {
    const visitor = await newVisitor(server, db);
    const cookie = await cookieOf(visitor);
    for (const path of ["/", "/login", "/sessions", "/security", "/unknown"]) {
      for (const type of [
        "text/plain;charset=UTF-8",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
      ]) {
        const answer = await new Client(server.url, {}, false).post(path, {
          headers: { cookie, "next-action": "40".repeat(21), "content-type": type, ...headers },
          body: "x",
        });
        expect(answer.status).toBe(403);
        expect(answer.text).not.toContain(visitor.person.email);
      }
    }
  });
});
