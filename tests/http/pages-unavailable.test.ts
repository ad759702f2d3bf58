import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../support/database/database";
import { type OwnPostgres, startOwnPostgres } from "../support/database/own-postgres";
import type { Answer } from "../support/http/client";
import { type Server, startServer } from "../support/http/server";
import { eventually } from "../support/http/timing";
import { newVisitor, type Visitor } from "../support/people/visitors";
import { settingFor } from "../support/runner/slowness";

// What people see while the database cannot answer: a page with status 503 that says so and offers to try again, without a
// script too, and nothing of anybody's account.

let postgres: OwnPostgres;
let server: Server;
let db: pg.Pool;
let visitor: Visitor;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  // Without memory every page asks. While the database hangs, each page waits for the time-out, several times.
  const env = { FEED: "off", GATE_QUERY_TIMEOUT_MS: String(settingFor(1_000)) };
  server = await startServer({ databaseUrl: postgres.url, env });
  db = connect(postgres.url);
  visitor = await newVisitor(server, db);
});
afterAll(async () => {
  await server?.stop();
  await db?.end();
  await postgres?.stop();
});

const PAGES = ["/", "/login", "/signup", "/dashboard", "/sessions", "/security"];

function expectUnavailablePage(answer: Answer): void {
  expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "1"]);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(answer.headers["cache-control"]).toContain("no-store");
  // In the HTML itself, before any script.
  const [, body = ""] = answer.text.split("<body");
  const [shown = ""] = body.split("<script");
  expect(shown).toMatch(/<h1[^>]*>Not available right now<\/h1>/);
  expect(shown).toContain('<a href=""');
  expect(answer.text).not.toContain(visitor.person.email);
  expect(answer.text).not.toContain("postgres");
}

const lockOut = async () => {
  await db.query("ALTER TABLE users RENAME TO users_away");
};
const letIn = async () => {
  await db.query("ALTER TABLE users_away RENAME TO users");
};

describe("while the database refuses", () => {
  test.each(PAGES)("%s is a designed 503, and itself again afterwards", async (path) => {
    await lockOut();
    try {
      expectUnavailablePage(await visitor.browser.get(path));
    } finally {
      await letIn();
    }
    await eventually(async () => {
      const { status } = await visitor.browser.get(path);
      // Somebody who is signed in is sent on from the forms.
      expect(status).toBe(path === "/login" || path === "/signup" ? 307 : 200);
    });
  });

  test("a form of a page that is sent without a script is answered with the same page", async () => {
    const path = "/sessions/sign-out?which=others";
    const page = await visitor.browser.get(path);
    const fields = [
      ...page.text.matchAll(/<input type="hidden" name="(\$ACTION[^"]*)"(?: value="([^"]*)")?/g),
    ];
    const form = new FormData();
    for (const [, name = "", value = ""] of fields) form.append(name, decode(value));
    form.append("intent", "end-others");
    const request = new Request("http://localhost", { method: "POST", body: form });
    const body = Buffer.from(await request.arrayBuffer());
    const headers = { "content-type": request.headers.get("content-type") ?? "" };
    await lockOut();
    try {
      expectUnavailablePage(await visitor.browser.post(path, { headers, body }));
    } finally {
      await letIn();
    }
    const { rows } = await db.query("SELECT FROM sessions WHERE ended_at IS NOT NULL");
    expect(rows).toEqual([]);
  });
});

const decode = (text: string) =>
  text.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&amp;", "&").replaceAll("&lt;", "<");

describe("while the database hangs", () => {
  test.each(PAGES)("%s is a designed 503 within a moment", async (path) => {
    postgres.pause();
    try {
      expectUnavailablePage(await visitor.browser.get(path));
    } finally {
      postgres.resume();
    }
    await eventually(async () => expect((await visitor.browser.get("/api/auth/verify")).status).toBe(200));
  });
});
