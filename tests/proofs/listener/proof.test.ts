import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, freshDatabase, ownDatabase } from "../../support/database/database";
import { copyOf, type OwnPostgres, startOwnPostgres } from "../../support/database/own-postgres";
import { TcpProxy } from "../../support/database/tcp-proxy";
import type { Server } from "../../support/http/server";
import { eventually } from "../../support/http/timing";
import { settingFor } from "../../support/runner/slowness";
import { ask, end } from "../support/asking";
import { addDevices, Fleet, metric } from "../support/fleet";

// docs/revocation.md, "The proof": an instance whose feed does not hear what happens in the database of its pool has no
// lease, asks the database at each check, says so once, and delays nobody.

const LEASE = settingFor(1_000);

const db = ownDatabase();
const databaseUrl = process.env.DATABASE_URL ?? "";
const leaseOf = (server: Server) => metric(server, "latchkey_lease_left_seconds");
const said = (server: Server) => server.lines.filter((line) => line.includes("feed_does_not_hear"));

/** Ways to point FEED_DATABASE_URL, or the road that it takes, at what does not hear. */
const WRONG: [what: string, why: string, prepare: () => Promise<{ url: string; stop(): Promise<void> }>][] = [
  [
    "a copy of the database on the same server",
    "database",
    async () => ({ url: await freshDatabase(), stop: async () => {} }),
  ],
  ["another server", "database", startOwnPostgres],
  [
    "a pooler that loses LISTEN",
    "unheard",
    async () => {
      const road = await TcpProxy.to(databaseUrl);
      // As long, as harmless, and what is told to nobody is heard by nobody.
      road.rewrite((data) => Buffer.from(data.toString("latin1").replaceAll("LISTEN", "NOTIFY"), "latin1"));
      return { url: road.through(databaseUrl), stop: () => road.stop() };
    },
  ],
];

let fleet: Fleet;
let healthy: Server;

beforeAll(async () => {
  fleet = await Fleet.start(1, { databaseUrl, env: { LEASE_MS: String(LEASE) } });
  [healthy] = fleet.servers as [Server];
});

afterAll(async () => {
  await fleet?.stop();
  await db.end();
});

describe.each(WRONG)("a feed that leads to %s", (_, why, prepare) => {
  test("gives no lease, is said once, delays no ending, and lets nobody in who was put out", async () => {
    const elsewhere = await prepare();
    const server = await fleet.addWithoutLease({ FEED_DATABASE_URL: elsewhere.url });
    try {
      await eventually(async () =>
        expect(await metric(server, "latchkey_feed_deaf_total")).toBeGreaterThan(2),
      );
      expect(said(server)).toHaveLength(1);
      expect(JSON.parse(said(server)[0] ?? "")).toMatchObject({ level: "error", why });
      expect(said(server)[0]).toContain("FEED_DATABASE_URL");
      expect(await metric(server, "latchkey_feed_connected")).toBe(0);
      expect(await leaseOf(server)).toBe(0);
      const { rows } = await db.query("SELECT FROM instances");
      expect(rows).toHaveLength(1);

      const { devices } = await addDevices(fleet, db, 3);
      const [ender, first, second] = devices;
      if (!ender || !first || !second) throw new Error("There are three.");
      for (const device of devices) expect(await ask(server, device)).toBe(200);
      const checks = await metric(server, "latchkey_checks_without_lease_total");
      expect(await ask(server, first)).toBe(200);
      expect(await metric(server, "latchkey_checks_without_lease_total")).toBe(checks + 1);

      for (const each of [healthy, server]) expect(await ask(each, first)).toBe(200);
      expect((await end(healthy, ender, first)).status).toBe(204);
      expect(await ask(server, first)).toBe(401);
      // And the other way round, where the acknowledgements must come by way of the rows.
      expect(await ask(healthy, second)).toBe(200);
      expect((await end(server, ender, second)).status).toBe(204);
      for (const each of [healthy, server]) expect(await ask(each, second)).toBe(401);
    } finally {
      await server.stop();
      await elsewhere.stop();
    }
  });
});

describe("after a fail-over in which the feed of an instance stays with the old server", () => {
  let old: OwnPostgres;
  let promoted: Awaited<ReturnType<typeof copyOf>>;
  let feedRoad: TcpProxy;
  let poolRoad: TcpProxy;
  let split: Fleet;

  beforeAll(async () => {
    old = await startOwnPostgres();
    [feedRoad, poolRoad] = await Promise.all([TcpProxy.to(old.url), TcpProxy.to(old.url)]);
    split = await Fleet.start(0, { databaseUrl: old.url, env: { LEASE_MS: String(LEASE) } });
  });
  afterAll(async () => {
    await split?.stop();
    await Promise.all([feedRoad?.stop(), poolRoad?.stop()]);
    await promoted?.stop();
    await old?.stop();
  });

  test("it loses its lease, though the old server goes on renewing it, and hears again once its feed has moved", async () => {
    const remote = await split.add({
      DATABASE_URL: poolRoad.through(old.url),
      FEED_DATABASE_URL: feedRoad.through(old.url),
    });
    const rows = connect(old.url);
    const { devices } = await addDevices(split, rows, 3);
    await rows.end();
    const [ender, target, later] = devices;
    if (!ender || !target || !later) throw new Error("There are three.");
    for (const device of devices) expect(await ask(remote, device)).toBe(200);

    promoted = await copyOf(old);
    poolRoad.leadTo(promoted.url);
    poolRoad.reset();
    const moved = await split.add({ DATABASE_URL: promoted.url });
    // It is asked at the new server, whose list has the instance with a beat that stands still.
    expect((await end(moved, ender, target)).status).toBe(204);
    expect(await ask(remote, target)).toBe(401);
    expect(await leaseOf(remote)).toBe(0);
    expect(await metric(remote, "latchkey_feed_connected")).toBe(0);
    expect((await end(moved, ender, later)).status).toBe(204);
    expect(await ask(remote, later)).toBe(401);
    await eventually(() => expect(said(remote).length).toBeGreaterThan(0));

    feedRoad.leadTo(promoted.url);
    feedRoad.reset();
    await eventually(async () => expect(await leaseOf(remote)).toBeGreaterThan(0));
    expect(await ask(remote, ender)).toBe(200);
  });
});
