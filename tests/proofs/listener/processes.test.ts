import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import { TcpProxy } from "../../support/database/tcp-proxy";
import type { Server } from "../../support/http/server";
import { BEYOND, eventually, within } from "../../support/http/timing";
import { settingFor } from "../../support/runner/slowness";
import { ask, end } from "../support/asking";
import { addDevices, type Device, Fleet } from "../support/fleet";

// docs/revocation.md, "When something breaks": instances that are started, stopped, killed and suspended while a
// session ends. One of them stays; the others come and go.

const LEASE = settingFor(1_000);
/** The longest lease: what is answered before it is over has not waited for it. */
const ENDLESS = 60_000;

const db = ownDatabase();
const databaseUrl = process.env.DATABASE_URL ?? "";
let fleet: Fleet;
let staying: Server;

beforeAll(async () => {
  fleet = await Fleet.start(1, { databaseUrl, env: { LEASE_MS: String(LEASE) } });
  [staying] = fleet.servers as [Server];
});

afterEach(async () => {
  await Promise.all(
    fleet.servers.splice(1).map((server) => {
      server.kill("SIGCONT");
      return server.stop();
    }),
  );
});

afterAll(async () => {
  await fleet?.stop();
  await db.end();
});

async function twoDevices(): Promise<[Device, Device]> {
  const { devices } = await addDevices(fleet, db, 2);
  return devices as [Device, Device];
}

async function listed(): Promise<number> {
  const { rows } = await db.query<{ count: string }>("SELECT count(*) FROM instances");
  return Number(rows[0]?.count);
}

test("suspended during an ending: the answer comes within a lease, and when it goes on, its first check refuses", async () => {
  const other = await fleet.add();
  const [ender, target] = await twoDevices();
  for (const device of [ender, target]) expect(await ask(other, device)).toBe(200);
  other.kill("SIGSTOP");
  const { status, took } = await end(staying, ender, target);
  expect(status).toBe(204);
  expect(took).toBeLessThan(within(LEASE + BEYOND));
  const first = ask(other, target);
  await pause(20);
  other.kill("SIGCONT");
  expect(await first).toBe(401);
  expect(await ask(other, ender)).toBe(200);
});

test("suspended for less than a lease: the ending waits for it, not for the lease", async () => {
  const other = await fleet.add({ LEASE_MS: String(ENDLESS) });
  const [ender, target] = await twoDevices();
  for (const device of [ender, target]) expect(await ask(other, device)).toBe(200);
  other.kill("SIGSTOP");
  const ending = end(staying, ender, target);
  await pause(LEASE / 5);
  const first = ask(other, target);
  other.kill("SIGCONT");
  const { status, took } = await ending;
  expect(status).toBe(204);
  expect(took).toBeGreaterThan(LEASE / 5 - 20);
  expect(took).toBeLessThan(ENDLESS);
  expect([200, 401]).toContain(await first);
  expect(await ask(other, target)).toBe(401);
});

test("suspended in the middle of a check: that one may go either way, the next one refuses", async () => {
  const road = await TcpProxy.to(databaseUrl);
  const other = await fleet.add({ DATABASE_URL: road.through(databaseUrl) });
  const [ender, target] = await twoDevices();
  expect(await ask(other, ender)).toBe(200);
  // Its read has found the session live, and it is suspended before the answer comes in.
  road.holdAnswers();
  const early = ask(other, target);
  await pause(100);
  other.kill("SIGSTOP");
  road.restore();
  const { status, took } = await end(staying, ender, target);
  expect(status).toBe(204);
  expect(took).toBeLessThan(within(LEASE + BEYOND));
  other.kill("SIGCONT");
  expect([200, 401, 503]).toContain(await early);
  expect(await ask(other, target)).toBe(401);
  await other.stop();
  await road.stop();
});

test("killed: one ending takes a lease, the next ones a moment", async () => {
  const other = await fleet.add();
  const [ender, target] = await twoDevices();
  const more = await twoDevices();
  other.kill("SIGKILL");
  await other.ended;
  const { status, took } = await end(staying, ender, target);
  expect(status).toBe(204);
  expect(took).toBeLessThan(within(LEASE + BEYOND));
  expect(await listed()).toBe(1);
  expect((await end(staying, more[0], more[1])).took).toBeLessThan(within(BEYOND));
});

test("killed while an ending waits for it", async () => {
  const other = await fleet.add();
  const [ender, target] = await twoDevices();
  other.kill("SIGSTOP");
  const ending = end(staying, ender, target);
  await pause(100);
  other.kill("SIGKILL");
  const { status, took } = await ending;
  expect(status).toBe(204);
  expect(took).toBeLessThan(within(LEASE + BEYOND));
});

test("stopped in good order: it leaves the list, and no ending waits for it", async () => {
  const other = await fleet.add({ LEASE_MS: String(ENDLESS) });
  const [ender, target] = await twoDevices();
  expect(await listed()).toBe(2);
  const stopping = other.stop();
  const { status, took } = await end(staying, ender, target);
  expect(status).toBe(204);
  expect(took).toBeLessThan(ENDLESS);
  await stopping;
  expect(await listed()).toBe(1);
});

test("started during endings: it refuses what ended from its first answer on", async () => {
  const { devices } = await addDevices(fleet, db, 61);
  const [ender, ...targets] = devices;
  if (!ender) throw new Error("There is one.");
  let isStarted = false;
  const starting = fleet.add().then((server) => {
    isStarted = true;
    return server;
  });
  const ended: Device[] = [];
  for (const target of targets) {
    if (isStarted && ended.length > 10) break;
    expect((await end(staying, ender, target)).status).toBe(204);
    ended.push(target);
    await pause(20);
  }
  const other = await starting;
  for (const target of ended) expect(await ask(other, target)).toBe(401);
});

test("the one that was asked dies before it can answer: asked again, another one waits for everybody", async () => {
  const road = await TcpProxy.to(databaseUrl);
  const asked = await fleet.add();
  const silent = await fleet.add({ FEED_DATABASE_URL: road.through(databaseUrl) });
  const [ender, target] = await twoDevices();
  for (const server of [staying, asked, silent])
    for (const device of [ender, target]) expect(await ask(server, device)).toBe(200);

  road.cut();
  const first = end(asked, ender, target);
  await eventually(async () => {
    const { rows } = await db.query("SELECT FROM sessions WHERE id = $1 AND ended_at IS NOT NULL", [
      target.id,
    ]);
    expect(rows).toHaveLength(1);
  }, 5);
  asked.kill("SIGKILL");
  expect((await first).status).toBe(0);
  // It finds nothing to end any more, and yet its answer can be relied on.
  const second = await end(staying, ender, target);
  expect(second.status).toBe(404);
  expect(second.took).toBeLessThan(within(LEASE + BEYOND));
  for (const server of [staying, silent]) expect(await ask(server, target)).toBe(401);
  await silent.stop();
  await road.stop();
});
