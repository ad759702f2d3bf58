import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import type { Server } from "../../support/http/server";
import { patience } from "../../support/runner/slowness";
import { send } from "../race/client";
import { ask, end } from "../support/asking";
import { addDevices, Fleet } from "../support/fleet";

// A pool of one connection, so that the next one to use it gets what the last one left behind.

const GATE_TIMEOUT = patience(1_000);
const db = ownDatabase();
let fleet: Fleet;
let server: Server;

beforeAll(async () => {
  fleet = await Fleet.start(1, {
    databaseUrl: process.env.DATABASE_URL ?? "",
    env: { DATABASE_POOL_SIZE: "1", GATE_QUERY_TIMEOUT_MS: String(GATE_TIMEOUT) },
  });
  [server] = fleet.servers as [Server];
});

afterAll(async () => {
  await fleet?.stop();
  await db.end();
});

test("an ending after one that waited too long for a lock is committed, not lost in its transaction", async () => {
  const { person, devices } = await addDevices(fleet, db, 3);
  const [ender, target, other] = devices;
  if (!ender || !target || !other) throw new Error("There are three.");
  for (const device of devices) expect(await ask(server, device)).toBe(200);

  const holder = await db.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM users WHERE id = $1 FOR UPDATE", [person.id]);
  const { status } = await send("POST", `${server.url}/api/auth/logout-others`, {
    authorization: `Bearer ${ender.token}`,
  });
  expect(status).toBe(503);
  // Its ROLLBACK has given up waiting behind the statement that waits for the lock.
  await pause(1.5 * GATE_TIMEOUT);
  await holder.query("ROLLBACK");
  holder.release();

  expect((await end(server, ender, target)).status).toBe(204);
  const { rows } = await db.query("SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL", [
    person.id,
  ]);
  expect(rows.map(({ id }) => id).sort()).toEqual([ender.id, other.id].sort());
  expect(await ask(server, target)).toBe(401);
  expect(await ask(server, other)).toBe(200);
  const { rows: idle } = await db.query(
    "SELECT FROM pg_stat_activity WHERE application_name = 'latchkey' AND datname = current_database() AND state LIKE 'idle in transaction%'",
  );
  expect(idle).toEqual([]);
});
