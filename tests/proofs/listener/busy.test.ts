import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import type { Server } from "../../support/http/server";
import { settingFor } from "../../support/runner/slowness";
import { ask, end } from "../support/asking";
import { addDevices, type Device, Fleet, metric } from "../support/fleet";

// Checks of unknown sessions queue for the database. The lease does not queue behind them: without it the known ones would
// join that queue, and no proof would ever get through it.

const LEASE = settingFor(1_000);
const FALLBACKS = "latchkey_checks_without_lease_total";

const db = ownDatabase();
let fleet: Fleet;
let server: Server;

beforeAll(async () => {
  fleet = await Fleet.start(1, {
    databaseUrl: process.env.DATABASE_URL ?? "",
    env: { LEASE_MS: String(LEASE), DATABASE_POOL_SIZE: "2" },
  });
  [server] = fleet.servers as [Server];
});

afterAll(async () => {
  await fleet?.stop();
  await db.end();
});

test("checks that fill the pool for several leases, as while a table is locked, do not take the lease away", async () => {
  const { devices } = await addDevices(fleet, db, 21);
  const [known, ...unknown] = devices;
  if (!known) throw new Error("There is one.");
  expect(await ask(server, known)).toBe(200);
  const fallbacks = await metric(server, FALLBACKS);

  const migration = await db.connect();
  let isOver = false;
  const keepAsking = async (device: Device) => {
    const answers = new Set<number>();
    while (!isOver) answers.add(await ask(server, device));
    return answers;
  };
  try {
    await migration.query("BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE");
    const waiting = unknown.map(keepAsking);
    const answers = keepAsking(known);
    await pause(4 * LEASE);
    isOver = true;
    expect(await answers).toEqual(new Set([200]));
    for (const each of waiting) expect(await each).toEqual(new Set([503]));
    expect(await metric(server, FALLBACKS)).toBe(fallbacks);
  } finally {
    isOver = true;
    await migration.query("ROLLBACK");
    migration.release();
  }
  expect((await end(server, known, known)).status).toBe(204);
  expect(await ask(server, known)).toBe(401);
});
