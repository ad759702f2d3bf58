import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../support/database/database";
import { type OwnPostgres, startOwnPostgres } from "../support/database/own-postgres";
import { type Answer, browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { type Server, startServer } from "../support/http/server";
import { within } from "../support/http/timing";
import { addPerson, PASSWORD } from "../support/people/people";
import { newSession, newVisitor, type Visitor } from "../support/people/visitors";
import { settingFor } from "../support/runner/slowness";

// The database hangs, or is gone. Then nothing is guessed, nobody waits long, and everything comes back by itself.

let postgres: OwnPostgres;
let server: Server;
let visitor: Visitor;
const LEASE = settingFor(2_000);

beforeAll(async () => {
  postgres = await startOwnPostgres();
  server = await startServer({
    databaseUrl: postgres.url,
    env: { LEASE_MS: String(LEASE), GATE_QUERY_TIMEOUT_MS: String(settingFor(1_000)) },
  });
  const db = connect(postgres.url);
  visitor = await newVisitor(server, db);
  await db.end();
});
afterEach(() => postgres.resume());
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const VERIFY = "/api/auth/verify";
const READY = "/api/health/ready";

async function timed(work: Promise<Answer>): Promise<{ answer: Answer; took: number }> {
  const startedAt = performance.now();
  const answer = await work;
  return { answer, took: performance.now() - startedAt };
}

const recovered = () =>
  expect.poll(async () => (await program(server).get(READY)).status, { interval: 20 }).toBe(200);

describe("while the database hangs", () => {
  test("a session that is not remembered is 503 within two seconds, and no longer after it is back", async () => {
    const db = connect(postgres.url);
    const unknown = await newVisitor(server, db);
    await db.end();
    postgres.pause();
    const { answer, took } = await timed(unknown.program.get(VERIFY));
    expectProblem(answer, "unavailable");
    expect(answer.headers["retry-after"]).toBe("1");
    expect(took).toBeLessThan(within(2_000));
    postgres.resume();
    await recovered();
    expect((await unknown.program.get(VERIFY)).status).toBe(200);
  });

  test("a remembered one is answered for as long as the lease allows, and then 503 as well", async () => {
    await expect.poll(async () => (await visitor.program.get(VERIFY)).status).toBe(200);
    postgres.pause();
    const pausedAt = performance.now();
    const seen: { at: number; status: number }[] = [];
    do {
      const at = performance.now() - pausedAt;
      seen.push({ at, status: (await visitor.program.get(VERIFY)).status });
    } while (seen.at(-1)?.status === 200);
    expect(seen.at(-1)?.status).toBe(503);
    const accepted = seen.slice(0, -1);
    expect(accepted).not.toEqual([]);
    expect(Math.max(...accepted.map(({ at }) => at))).toBeLessThan(LEASE);
    postgres.resume();
    await recovered();
  });

  test("it is alive but not ready", async () => {
    postgres.pause();
    expect((await program(server).get("/api/health/live")).status).toBe(200);
    const { answer, took } = await timed(program(server).get(READY));
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(answer.json()).toEqual({ status: "unavailable" });
    expect(took).toBeLessThan(within(2_000));
  });

  test("nothing claims to have been done: login, sign-up and every ending are 503", async () => {
    await recovered();
    const db = connect(postgres.url);
    const { email } = await addPerson(db);
    const mine = await newVisitor(server, db);
    const other = await newSession(server, db, mine.person);
    await db.end();
    expect((await mine.program.get(VERIFY)).status).toBe(200);
    postgres.pause();
    const answers = await Promise.all([
      program(server).post("/api/auth/login", { json: { email, password: PASSWORD } }),
      program(server).post("/api/auth/signup", { json: { email: "new@example.com", password: PASSWORD } }),
      mine.program.post("/api/auth/logout-others"),
      mine.program.delete(`/api/auth/sessions/${other.row.id}`),
      mine.program.get("/api/auth/sessions"),
    ]);
    for (const answer of answers) expectProblem(answer, "unavailable");
    // People are told in words, and where they were.
    const form = await browser(server).post("/api/auth/login", { form: { email, password: PASSWORD } });
    expect(form.headers.location).toBe("/login?error=unavailable&wait=1");
    const button = await mine.browser.post("/api/auth/logout", { form: {} });
    expect([button.status, button.text]).toEqual([503, expect.stringMatching(/^You’re still signed in/)]);
    expect(mine.browser.cookies.has("session")).toBe(true);
    postgres.resume();
    await recovered();
  });

  test("what needs no database is answered: keys, public pages, and the way to the login page", async () => {
    postgres.pause();
    expect((await program(server).get("/.well-known/jwks.json")).status).toBe(200);
    expect((await browser(server).get("/login")).status).toBe(200);
    expect((await browser(server).get("/sessions")).status).toBe(307);
    expectProblem(await program(server).get(VERIFY), "missing_token");
    expectProblem(await program(server, "broken").get(VERIFY), "invalid_token");
  });

  test("a page of an account shows an error and nothing of the account, and does not hang", async () => {
    postgres.pause();
    // Without the lease the memory is not asked.
    await expect.poll(async () => (await visitor.program.get(VERIFY)).status).toBe(503);
    const { answer, took } = await timed(visitor.browser.get("/sessions"));
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.text).not.toContain(visitor.person.email);
    expect(answer.text).not.toContain("postgres");
    expect(took).toBeLessThan(within(5_000));
    postgres.resume();
    await recovered();
    expect((await visitor.browser.get("/sessions")).status).toBe(200);
  });
});

test("connections that are cut are replaced", async () => {
  await recovered();
  const db = connect(postgres.url);
  await db.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'latchkey%' AND datname = current_database()",
  );
  await db.end();
  const statuses: number[] = [];
  await expect
    .poll(
      async () => {
        statuses.push((await visitor.program.get(VERIFY)).status);
        return statuses.at(-1);
      },
      { interval: 5 },
    )
    .toBe(200);
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
});

test("through all of this the process has lived, and when it is told to stop without a database it does", async () => {
  expect(server.process.exitCode).toBeNull();
  expect(server.lines.filter((line) => /unhandled|uncaught/i.test(line))).toEqual([]);
  postgres.pause();
  const startedAt = performance.now();
  await server.stop();
  expect(performance.now() - startedAt).toBeLessThan(within(10_000));
});
