import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../support/database/database";
import { type OwnPostgres, startOwnPostgres } from "../support/database/own-postgres";
import { type Answer, browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { type Server, startServer } from "../support/http/server";
import { eventually, within } from "../support/http/timing";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { newSession, newVisitor, type Visitor } from "../support/people/visitors";

// As after a fail-over: a server that only reads. Nothing claims to have been done, nothing is a 500, and everything works
// again as soon as the writer is back, however many connections were opened meanwhile.

let postgres: OwnPostgres;
let server: Server;
let db: pg.Pool;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  server = await startServer({ databaseUrl: postgres.url });
  // Ours may always write.
  db = connect(`${postgres.url}?options=${encodeURIComponent("-c default_transaction_read_only=off")}`);
});
afterAll(async () => {
  await server?.stop();
  await db?.end();
  await postgres?.stop();
});

const READY = "/api/health/ready";
const VERIFY = "/api/auth/verify";

async function setReadOnly(to: "on" | "off"): Promise<void> {
  const { rows } = await db.query<{ name: string }>("SELECT current_database() AS name");
  await db.query(`ALTER DATABASE ${rows[0]?.name} SET default_transaction_read_only TO ${to}`);
  if (to === "on")
    await db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'latchkey%' AND datname = current_database()",
    );
}

const rename = ({ row, program: caller }: Visitor, name: string) =>
  caller.patch(`/api/auth/sessions/${row.id}`, { json: { name } });

describe("while the server only reads", () => {
  test("every route that writes is 503 with Retry-After, and nothing is done", async () => {
    const { email } = await addPerson(db);
    const mine = await newVisitor(server, db);
    const other = await newSession(server, db, mine.person);
    expect((await mine.program.get(VERIFY)).status).toBe(200);
    await setReadOnly("on");
    const json = { email, password: PASSWORD };
    const writing: (() => Promise<Answer>)[] = [
      () => program(server).post("/api/auth/login", { json }),
      () => program(server).post("/api/auth/login", { json: { ...json, password: "wrong password here" } }),
      () => program(server).post("/api/auth/signup", { json: { email: freshEmail(), password: PASSWORD } }),
      () => rename(mine, "Laptop"),
      () => mine.program.delete(`/api/auth/sessions/${other.row.id}`),
      () => mine.program.post("/api/auth/logout-others"),
      () => mine.program.post("/api/auth/logout-all"),
      () => mine.program.post("/api/auth/logout"),
    ];
    for (const write of writing) {
      const answer = await write();
      expectProblem(answer, "unavailable");
      expect(answer.headers["retry-after"]).toBe("1");
    }
    const form = await browser(server).post("/api/auth/login", { form: json });
    expect(form.headers.location).toBe("/login?error=unavailable&wait=1");
    const { rows } = await db.query(
      "SELECT count(*)::int AS live FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND name IS NULL",
      [mine.person.id],
    );
    expect(rows).toEqual([{ live: 2 }]);
    // What is known is still told: a live session is live.
    expect((await mine.program.get(VERIFY)).status).toBe(200);
    expect((await other.program.get(VERIFY)).status).toBe(200);
  });

  test("it is alive but not ready", async () => {
    expect((await program(server).get("/api/health/live")).status).toBe(200);
    const answer = await program(server).get(READY);
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "1"]);
  });

  test("once the writer is back everything works, though the pool was warm all the while", async () => {
    const mine = await newVisitor(server, db);
    await Promise.all(Array.from({ length: 30 }, () => mine.program.get("/api/auth/sessions")));
    await setReadOnly("off");
    const backAt = performance.now();
    const answers: { at: number; status: number }[] = [];
    for (let count = 0; count < 40; count += 1) {
      const at = performance.now() - backAt;
      answers.push({ at, status: (await rename(mine, `Laptop ${count}`)).status });
      await pause(100);
    }
    const failed = answers.filter(({ status }) => status !== 200);
    expect(failed.filter(({ status }) => status !== 503)).toEqual([]);
    expect(Math.max(0, ...failed.map(({ at }) => at))).toBeLessThan(within(2_000));
    // None comes back later: no connection from then is left.
    expect(answers.slice(-10).map(({ status }) => status)).toEqual(Array(10).fill(200));
    await eventually(async () => expect((await program(server).get(READY)).status).toBe(200));
    expect((await mine.program.post("/api/auth/logout")).status).toBe(204);
  });
});

test("a server that becomes a standby and is promoted: no answer from what may be old, then everything", async () => {
  const mine = await newVisitor(server, db);
  expect((await mine.program.get(VERIFY)).status).toBe(200);
  const { rows } = await db.query<{ file: string; pid: number }>(
    "SELECT current_setting('data_directory') || '/standby.signal' AS file, pg_backend_pid() AS pid",
  );
  const [{ file, pid } = { file: "", pid: 0 }] = rows;
  await db.query(`COPY (SELECT WHERE false) TO '${file}'`);
  // A crash: everything starts over, now as a standby.
  process.kill(pid, "SIGKILL");
  const raw = connect(postgres.url);
  await eventually(async () =>
    expect((await raw.query("SELECT pg_is_in_recovery() AS standby")).rows).toEqual([{ standby: true }]),
  );
  await eventually(async () => expectProblem(await mine.program.get(VERIFY), "unavailable"));
  expect((await program(server).get(READY)).status).toBe(503);
  expectProblem(await rename(mine, "Laptop"), "unavailable");
  const promotedAt = performance.now();
  await raw.query("SELECT pg_promote()");
  await eventually(async () => expect((await rename(mine, "Laptop")).status).toBe(200));
  expect(performance.now() - promotedAt).toBeLessThan(within(2_000));
  expect((await mine.program.get(VERIFY)).status).toBe(200);
  await eventually(async () => expect((await program(server).get(READY)).status).toBe(200));
  await raw.end();
});
