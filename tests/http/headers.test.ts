import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { type Answer, browser, program } from "../support/http/client";
import { addPerson, PASSWORD } from "../support/people/people";
import { newVisitor } from "../support/people/visitors";

const plain = inject("plain");
const secure = inject("secure");
const db = connect(plain.databaseUrl);
afterAll(() => db.end());

/** One answer of every kind, by a name that says which. */
const answers: Record<string, Answer> = {};

beforeAll(async () => {
  const { email } = await addPerson(db);
  const visitor = await newVisitor(plain, db);
  const nobody = browser(plain);
  const home = await nobody.get("/");
  const file = /\/_next\/static\/[^"\\]+\.js/.exec(home.text)?.[0] ?? "";
  expect(file).not.toBe("");
  Object.assign(answers, {
    "a public page": home,
    "the login page": await nobody.get("/login"),
    "a page of an account": await visitor.browser.get("/sessions"),
    "a page for people who are signed in (307)": await nobody.get("/sessions"),
    "an unknown page": await visitor.browser.get("/unknown"),
    "a static file": await nobody.get(file),
    "a 200 of the API": await visitor.program.get("/api/auth/verify"),
    "a 204 of the API": await (await newVisitor(plain, db)).program.post("/api/auth/logout"),
    "a 303 of the API": await nobody.post("/api/auth/login", { form: { email, password: PASSWORD } }),
    "a 400 of the API": await program(plain).post("/api/auth/login", { json: {} }),
    "a 401 of the API": await program(plain).get("/api/auth/verify"),
    "a 404 of the API": await program(plain).get("/api/unknown"),
    "a 405 of the API": await program(plain).get("/api/auth/login"),
    "the key set": await program(plain).get("/.well-known/jwks.json"),
    "the health": await program(plain).get("/api/health/live"),
  });
});

const KINDS = [
  "a public page",
  "the login page",
  "a page of an account",
  "a page for people who are signed in (307)",
  "an unknown page",
  "a static file",
  "a 200 of the API",
  "a 204 of the API",
  "a 303 of the API",
  "a 400 of the API",
  "a 401 of the API",
  "a 404 of the API",
  "a 405 of the API",
  "the key set",
  "the health",
];

const of = (kind: string): Answer => {
  const answer = answers[kind];
  if (!answer) throw new Error(`There is no ${kind}.`);
  return answer;
};

describe.each(KINDS)("%s", (kind) => {
  test("is what its name says", () => {
    const status = /\b([2345]\d\d)\b/.exec(kind)?.[1];
    expect(of(kind).status).toBe(status ? Number(status) : kind === "an unknown page" ? 404 : 200);
  });

  test("carries the headers that every answer has", () => {
    expect(of(kind).headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "strict-origin-when-cross-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": expect.stringContaining("camera=()"),
    });
  });

  test("does not say what it was made with", () => {
    for (const name of ["x-powered-by", "server", "x-latchkey-socket"])
      expect(of(kind).headers).not.toHaveProperty(name);
  });

  test("allows no other origin to read it", () => {
    expect(Object.keys(of(kind).headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });

  test("does not ask for https where there is none", () => {
    expect(of(kind).headers).not.toHaveProperty("strict-transport-security");
  });
});

describe("the policy for scripts", () => {
  test.each(["a public page", "the login page", "a page of an account", "an unknown page"])(
    "of %s allows only scripts with the nonce of this answer, and all of its own have it",
    (kind) => {
      const { headers, text } = of(kind);
      const policy = String(headers["content-security-policy"]);
      const nonce = /script-src 'self' 'nonce-([^']+)' 'strict-dynamic'(;|$)/.exec(policy)?.[1];
      expect(nonce).toBeTruthy();
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("object-src 'none'");
      expect(policy).not.toContain("unsafe-eval");
      const scripts = text.match(/<script\b[^>]*>/g) ?? [];
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
    },
  );

  test("has another nonce every time", async () => {
    const policies = await Promise.all(
      [1, 2, 3].map(async () => (await browser(plain).get("/login")).headers["content-security-policy"]),
    );
    expect(new Set(policies).size).toBe(3);
  });

  test.each(KINDS.filter((kind) => / of the API|key set|health/.test(kind)))(
    "of %s allows nothing at all",
    (kind) => {
      expect(of(kind).headers["content-security-policy"]).toBe(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
    },
  );
});

describe("what nobody may keep", () => {
  test.each([
    "a page of an account",
    "a page for people who are signed in (307)",
    "a 200 of the API",
    "a 204 of the API",
    "a 303 of the API",
    "a 400 of the API",
    "a 401 of the API",
    "the health",
  ])("%s", (kind) => {
    expect(of(kind).headers["cache-control"]).toContain("no-store");
  });
});

describe("where people come by https", () => {
  test("every answer asks for it for two years", async () => {
    const secureDb = connect(secure.databaseUrl);
    const visitor = await newVisitor(secure, secureDb);
    const all = [
      await browser(secure).get("/"),
      await browser(secure).get("/sessions"),
      await visitor.browser.get("/sessions"),
      await visitor.browser.get("/unknown"),
      await program(secure).get("/api/auth/verify"),
      await program(secure).get("/api/unknown"),
      await program(secure).get("/api/auth/login"),
      await program(secure).get("/_next/static/unknown.js"),
      await program(secure).get("/.well-known/jwks.json"),
    ];
    for (const { headers } of all) {
      expect(headers["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains");
    }
    await secureDb.end();
  });
});
describe("tricks", () => {
  test("another Host leads nobody to another site", async () => {
    for (const headers of [
      { host: "evil.example" },
      { "x-forwarded-host": "evil.example" },
      { forwarded: "host=evil.example" },
    ]) {
      const answer = await program(plain).get("/sessions", { headers });
      expect(answer.status).toBe(307);
      expect(answer.text).not.toContain("evil.example");
      const { location = "" } = answer.headers;
      expect(new URL(location, plain.origin).origin, JSON.stringify(headers)).toBe(plain.origin);
    }
  });

  test.each([
    "/.env",
    "/.git/config",
    "/package.json",
    "/lib/env.ts",
    "/_next/static/../../package.json",
    "/_next/static/%2e%2e/%2e%2e/package.json",
    "/_next/../package.json",
  ])("%s is not served", async (path) => {
    const answer = await program(plain).get(path);
    expect([307, 308, 400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain("dependencies");
  });

  test("no remote picture is fetched for anybody", async () => {
    const answer = await program(plain).get("/_next/image?url=http%3A%2F%2F127.0.0.1%2F&w=64&q=75");
    expect([400, 404]).toContain(answer.status);
  });

  test("no source map lies beside a script", async () => {
    const file = /\/_next\/static\/[^"\\]+\.js/.exec(of("a public page").text)?.[0];
    expect((await program(plain).get(`${file}.map`)).status).toBe(404);
  });
});
