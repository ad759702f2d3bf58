import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../support/database/database";
import { type OwnPostgres, startOwnPostgres } from "../../support/database/own-postgres";
import type { Server } from "../../support/http/server";
import { eventually } from "../../support/http/timing";
import { settingFor } from "../../support/runner/slowness";
import { ask, askAnew, end } from "../support/asking";
import { addDevices, Fleet, metric } from "../support/fleet";

// PostgreSQL keeps a notification until the slowest listener has taken it. An instance that stands still must not keep
// them all: when its queue is full, nothing can be ended any more.

let postgres: OwnPostgres;
let db: pg.Pool;
let fleet: Fleet;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  db = connect(postgres.url);
  fleet = await Fleet.start(2, { databaseUrl: postgres.url, env: { LEASE_MS: String(settingFor(1_000)) } });
});

afterAll(async () => {
  await fleet?.stop();
  await db?.end();
  await postgres?.stop();
});

async function usage(): Promise<number> {
  const { rows } = await db.query<{ usage: number }>("SELECT pg_notification_queue_usage() AS usage");
  return rows[0]?.usage ?? Number.NaN;
}

async function feeds(): Promise<number> {
  const { rows } = await db.query(
    "SELECT FROM pg_stat_activity WHERE application_name = 'latchkey-feed' AND datname = current_database()",
  );
  return rows.length;
}

/** More than the connection of a listener takes that reads nothing. */
const tellMuch = () =>
  db.query(`SELECT pg_notify('latchkey', 's' || repeat(md5(n::text) || md5(n::text), 100))
            FROM generate_series(1, 8000) AS n`);

test("the connection of an instance that is struck off is ended, and the queue is cleared", async () => {
  const [healthy, still] = fleet.servers as [Server, Server];
  const { devices } = await addDevices(fleet, db, 3);
  const [ender, target, later] = devices;
  if (!ender || !target || !later) throw new Error("There are three.");
  for (const server of [healthy, still])
    for (const device of devices) expect(await ask(server, device)).toBe(200);

  still.kill("SIGSTOP");
  await tellMuch();
  await eventually(async () =>
    expect(await metric(healthy, "latchkey_notification_queue_usage")).toBeGreaterThan(0),
  );
  expect(await usage()).toBeGreaterThan(0);
  expect((await end(healthy, ender, target)).status).toBe(204);
  await eventually(async () => expect(await feeds()).toBe(1));
  await eventually(async () => expect(await usage()).toBe(0));
  await eventually(async () => expect(await metric(healthy, "latchkey_notification_queue_usage")).toBe(0));
  expect(await feeds()).toBe(1);

  const first = askAnew(still, target);
  still.kill("SIGCONT");
  expect(await first).toBe(401);
  await eventually(async () => expect(await metric(still, "latchkey_lease_left_seconds")).toBeGreaterThan(0));
  expect(await ask(still, ender)).toBe(200);
});

test("a struck-off instance whose connection may not be ended delays nobody", async () => {
  const [healthy] = fleet.servers as [Server, Server];
  const { devices } = await addDevices(fleet, db, 2);
  const [ender, target] = devices;
  if (!ender || !target) throw new Error("There are two.");
  // Not there any more, and not of ours.
  await db.query("INSERT INTO instances (id, lease_ms, backend) VALUES (gen_random_uuid(), 200, '1/1')");
  await db.query("INSERT INTO instances (id, lease_ms) VALUES (gen_random_uuid(), 200)");
  expect((await end(healthy, ender, target)).status).toBe(204);
  const { rows } = await db.query("SELECT FROM instances");
  expect(rows).toHaveLength(2);
});
