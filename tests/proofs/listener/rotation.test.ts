import { afterAll, beforeAll, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import type { Server } from "../../support/http/server";
import { freshPassword } from "../../support/people/secrets";
import { settingFor } from "../../support/runner/slowness";
import { ask, end } from "../support/asking";
import { addDevices, Fleet, metric } from "../support/fleet";

// The cookie password signs what instances tell each other, and it is rotated while they run.

const [OLD, NEW] = [freshPassword(), freshPassword()];
const PHASES = [OLD, JSON.stringify({ 1: OLD, 2: NEW }), JSON.stringify({ 2: NEW })] as const;
const db = ownDatabase();
let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.start(0, {
    databaseUrl: process.env.DATABASE_URL ?? "",
    env: { LEASE_MS: String(settingFor(1_000)) },
  });
});

afterAll(async () => {
  await fleet?.stop();
  await db.end();
});

/** Ends a session at each of two instances that both know, and asks both. */
async function endingsAt(servers: [Server, Server]): Promise<void> {
  const { devices } = await addDevices(fleet, db, 3);
  const [ender, ...targets] = devices;
  if (!ender) throw new Error("There is one.");
  for (const server of servers) for (const device of devices) expect(await ask(server, device)).toBe(200);
  for (const [index, target] of targets.entries()) {
    expect((await end(servers[index] ?? servers[0], ender, target)).status).toBe(204);
    for (const server of servers) expect(await ask(server, target)).toBe(401);
  }
}

test("with a restart for each step, neighbours understand each other all the way", async () => {
  const [before, between] = [
    await fleet.add({ COOKIE_PASSWORD: PHASES[0] }),
    await fleet.add({ COOKIE_PASSWORD: PHASES[1] }),
  ];
  await endingsAt([before, between]);
  await before.stop();
  const after = await fleet.add({ COOKIE_PASSWORD: PHASES[2] });
  await endingsAt([between, after]);
  for (const server of [between, after])
    expect(await metric(server, "latchkey_notifications_ignored_total")).toBe(0);
});

test("an instance with a password that nobody else knows keeps endings from being answered as done, not for ever from being answered", async () => {
  const [stranger, known] = [
    await fleet.add({ COOKIE_PASSWORD: freshPassword() }),
    await fleet.add({ COOKIE_PASSWORD: PHASES[2] }),
  ];
  const { devices } = await addDevices(fleet, db, 2);
  const [ender, target] = devices;
  if (!ender || !target) throw new Error("There are two.");
  expect((await end(known, ender, target)).status).toBe(503);
  await known.line(/"ending_not_acknowledged"/);
  await stranger.stop();
  expect((await end(known, ender, target)).status).toBe(404);
});
