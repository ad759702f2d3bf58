import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import { callsOf, LOOK_UP, TELL } from "../../support/database/statements";
import { TcpProxy } from "../../support/database/tcp-proxy";
import type { Server } from "../../support/http/server";
import { BEYOND, eventually, within } from "../../support/http/timing";
import { settingFor } from "../../support/runner/slowness";
import { ask, end } from "../support/asking";
import { addDevices, Fleet, metric } from "../support/fleet";

// docs/revocation.md, "When something breaks": what concerns the feed. Two healthy instances, and one whose feed and
// pool take roads that can be closed.

const LEASE = settingFor(1_000);

const db = ownDatabase();
let fleet: Fleet;
let feedRoad: TcpProxy;
let poolRoad: TcpProxy;
let healthy: Server;
let second: Server;
let remote: Server;

beforeAll(async () => {
  const databaseUrl = process.env.DATABASE_URL ?? "";
  [feedRoad, poolRoad] = await Promise.all([TcpProxy.to(databaseUrl), TcpProxy.to(databaseUrl)]);
  fleet = await Fleet.start(2, { databaseUrl, env: { LEASE_MS: String(LEASE) } });
  [healthy, second] = fleet.servers as [Server, Server];
  remote = await fleet.add({
    DATABASE_URL: poolRoad.through(databaseUrl),
    FEED_DATABASE_URL: feedRoad.through(databaseUrl),
  });
});

afterEach(async () => {
  feedRoad.restore();
  poolRoad.restore();
  await eventually(async () => expect(await leaseOf(remote)).toBeGreaterThan(0));
});

afterAll(async () => {
  await fleet?.stop();
  await Promise.all([feedRoad?.stop(), poolRoad?.stop(), db.end()]);
});

const leaseOf = (server: Server) => metric(server, "latchkey_lease_left_seconds");
const fromMemory = (server: Server) => metric(server, "latchkey_checks_from_memory_total");

/** Devices of one user that the remote instance has in memory. */
async function knownDevices(count: number) {
  const { devices } = await addDevices(fleet, db, count);
  for (const device of devices) expect(await ask(remote, device)).toBe(200);
  const before = await fromMemory(remote);
  for (const device of devices) expect(await ask(remote, device)).toBe(200);
  expect(await fromMemory(remote)).toBe(before + count);
  return devices;
}

describe("the feed of an instance is terminated by the database", () => {
  test("endings go on in a moment, and it refuses what ended", async () => {
    const [ender, target] = await knownDevices(2);
    if (!ender || !target) throw new Error("There are two.");
    const connections = await metric(remote, "latchkey_feed_connections_total");
    await db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey-feed' AND datname = current_database()",
    );
    const { status, took } = await end(healthy, ender, target);
    expect(status).toBe(204);
    expect(took).toBeLessThan(within(BEYOND));
    expect(await ask(remote, target)).toBe(401);
    await eventually(async () =>
      expect(await metric(remote, "latchkey_feed_connections_total")).toBe(connections + 1),
    );
    expect(await ask(remote, ender)).toBe(200);
  });
});

describe("the feed of an instance is cut without a sound", () => {
  test("it answers from memory until its lease is over, then from the database; the ending waits for that", async () => {
    const [ender, target] = await knownDevices(2);
    if (!ender || !target) throw new Error("There are two.");
    feedRoad.cut();
    const ending = end(healthy, ender, target);
    const { status, took } = await ending;
    expect(status).toBe(204);
    expect(took).toBeLessThan(within(LEASE + BEYOND));
    expect(await ask(remote, target)).toBe(401);
    expect(await leaseOf(remote)).toBe(0);
    const before = await metric(remote, "latchkey_checks_without_lease_total");
    expect(await ask(remote, ender)).toBe(200);
    expect(await metric(remote, "latchkey_checks_without_lease_total")).toBe(before + 1);
  });

  test("only the first ending is delayed", async () => {
    const [ender, ...targets] = await knownDevices(4);
    feedRoad.cut();
    const times: number[] = [];
    for (const target of targets) {
      times.push((await end(healthy, ender as (typeof targets)[0], target)).took);
      // It is off the list, so that nobody waits for it again.
      expect(await listed()).toBe(2);
    }
    expect(times[0]).toBeLessThan(within(LEASE + BEYOND));
    for (const time of times.slice(1)) expect(time).toBeLessThan(within(BEYOND));
    for (const target of targets) expect(await ask(remote, target)).toBe(401);
  });

  test("endings that come one after the other without a pause do not hide that it is silent", async () => {
    const [ender, ...targets] = await knownDevices(101);
    if (!ender) throw new Error("There is one.");
    feedRoad.cut();
    // For 2.5 leases, acknowledgements of the second instance keep coming.
    const endings = targets.map(async (target, index) => {
      await pause((index * LEASE) / 40);
      return end(healthy, ender, target);
    });
    for (const { status, took } of await Promise.all(endings)) {
      expect(status).toBe(204);
      expect(took).toBeLessThan(within(LEASE + BEYOND));
    }
    for (const target of targets) expect(await ask(remote, target)).toBe(401);
  });

  test("an ending whose fence it missed is answered once it is back", async () => {
    const [ender, target] = await knownDevices(2);
    if (!ender || !target) throw new Error("There are two.");
    feedRoad.cut();
    const before = await callsOf(db, TELL);
    const ending = end(healthy, ender, target);
    await eventually(async () => expect(await callsOf(db, TELL)).toBeGreaterThan(before), 5);
    // It reconnects within its lease, under the same name, and never hears of that fence.
    feedRoad.reset();
    feedRoad.restore();
    const { status, took } = await ending;
    expect(status).toBe(204);
    expect(took).toBeLessThan(within(LEASE + BEYOND));
    expect(await ask(remote, target)).toBe(401);
  });

  test("what it sent before the cut and what it was told arrive late, and change nothing", async () => {
    const [ender, target] = await knownDevices(2);
    if (!ender || !target) throw new Error("There are two.");
    feedRoad.cut();
    await pause(LEASE / 2);
    const ending = end(healthy, ender, target);
    feedRoad.restore();
    expect((await ending).status).toBe(204);
    expect(await ask(remote, target)).toBe(401);
  });
});

describe("an ending asked of an instance whose own feed is cut", () => {
  test("is acknowledged by way of the rows", async () => {
    const [ender, target] = await knownDevices(2);
    if (!ender || !target) throw new Error("There are two.");
    for (const server of [healthy, second]) expect(await ask(server, target)).toBe(200);
    feedRoad.cut();
    const { status, took } = await end(remote, ender, target);
    expect(status).toBe(204);
    expect(took).toBeLessThan(within(BEYOND));
    for (const server of [healthy, second, remote]) expect(await ask(server, target)).toBe(401);
  });

  test("also when it knows of its loss", async () => {
    const [ender, target] = await knownDevices(2);
    if (!ender || !target) throw new Error("There are two.");
    for (const server of [healthy, second]) expect(await ask(server, target)).toBe(200);
    feedRoad.cut();
    await eventually(async () => expect(await metric(remote, "latchkey_feed_connected")).toBe(0));
    const { status, took } = await end(remote, ender, target);
    expect(status).toBe(204);
    expect(took).toBeLessThan(within(BEYOND));
    for (const server of [healthy, second, remote]) expect(await ask(server, target)).toBe(401);
  });
});

describe("a read that began before an ending and is answered after it", () => {
  test("does not bring the session back", async () => {
    const [ender] = await knownDevices(1);
    if (!ender) throw new Error("There is one.");
    const target = await fleet.session(db, { id: ender.userId });
    const reads = (await callsOf(db, LOOK_UP)) + 1;
    // A connection that was just used is given out unasked.
    const another = await fleet.session(db, { id: ender.userId });
    expect(await ask(remote, another)).toBe(200);
    // The database has read the live row, but its answer is on the road when the session ends.
    poolRoad.holdAnswers();
    const early = ask(remote, target);
    await eventually(async () => expect(await callsOf(db, LOOK_UP)).toBe(reads + 1), 5);
    expect((await end(healthy, ender, target)).status).toBe(204);
    poolRoad.restore();
    // It began before the ending was answered, so either is right; in time, it is the row that was live.
    expect([200, 503]).toContain(await early);
    expect(await ask(remote, target)).toBe(401);
    expect(await ask(remote, target)).toBe(401);
  });
});

async function listed(): Promise<number> {
  const { rows } = await db.query<{ count: string }>("SELECT count(*) FROM instances");
  return Number(rows[0]?.count);
}
