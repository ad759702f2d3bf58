import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import { callsOf, LOOK_UP } from "../../support/database/statements";
import { TcpProxy } from "../../support/database/tcp-proxy";
import type { Server } from "../../support/http/server";
import { eventually } from "../../support/http/timing";
import { ask, askByCookie, end } from "../support/asking";
import { addDevices, Fleet, metric } from "../support/fleet";

// What a check costs, counted by PostgreSQL itself.

const db = ownDatabase();
const databaseUrl = process.env.DATABASE_URL ?? "";
let road: TcpProxy;
let fleet: Fleet;
let remembering: Server;
let without: Server;

beforeAll(async () => {
  road = await TcpProxy.to(databaseUrl);
  fleet = await Fleet.start(0, { databaseUrl });
  [remembering, without] = await Promise.all([
    fleet.add({ DATABASE_URL: road.through(databaseUrl), FEED_DATABASE_URL: databaseUrl }),
    fleet.add({ FEED: "off" }),
  ]);
});

afterAll(async () => {
  road?.restore();
  await fleet?.stop();
  await Promise.all([road?.stop(), db.end()]);
});

const CHECKS = 100;
const times = (count: number, work: () => Promise<number>) =>
  Promise.all(Array.from({ length: count }, () => work()));

async function allAccepted(statuses: Promise<number[]>): Promise<void> {
  expect(new Set(await statuses)).toEqual(new Set([200]));
}

/** How many queries `work` costs: the fewer of two runs, since a sweep may fall into one of them. */
async function queriesOf(work: () => Promise<void>, text = ""): Promise<number> {
  const counts: number[] = [];
  for (let run = 0; run < 2; run += 1) {
    const before = await callsOf(db, text);
    await work();
    counts.push((await callsOf(db, text)) - before);
  }
  return Math.min(...counts);
}

describe("a session that the instance knows", () => {
  test.each([
    ["Bearer", ask],
    ["cookie", askByCookie],
  ] as const)("costs no query by %s", async (_, asks) => {
    const { devices } = await addDevices(fleet, db, 1);
    const [device] = devices;
    if (!device) throw new Error("There is one.");
    expect(await asks(remembering, device)).toBe(200);
    expect(await queriesOf(() => allAccepted(times(CHECKS, () => asks(remembering, device))))).toBe(0);
  });
});

describe("a session that is new to the instance", () => {
  test("costs one query, also when many ask at once", async () => {
    const { devices } = await addDevices(fleet, db, 1);
    const [device] = devices;
    if (!device) throw new Error("There is one.");
    const [lookUps, shared] = [await callsOf(db, LOOK_UP), await metric(remembering, SHARED)];
    road.holdAnswers();
    const asking = times(20, () => ask(remembering, device));
    await eventually(async () => expect(await metric(remembering, SHARED)).toBe(shared + 19), 5);
    road.restore();
    expect(new Set(await asking)).toEqual(new Set([200]));
    expect(await callsOf(db, LOOK_UP)).toBe(lookUps + 1);
  });
  const SHARED = "latchkey_checks_shared_total";
});

describe("with FEED=off", () => {
  test.each([
    ["Bearer", ask],
    ["cookie", askByCookie],
  ] as const)("a check by %s costs one query, the look-up", async (_, asks) => {
    const { devices } = await addDevices(fleet, db, 1);
    const [device] = devices;
    if (!device) throw new Error("There is one.");
    expect(await asks(without, device)).toBe(200);
    // One after the other: a hundred queries at once may be too many for a machine that does much else.
    const check = async () => {
      for (let count = 0; count < CHECKS; count += 1) expect(await asks(without, device)).toBe(200);
    };
    expect(await queriesOf(check, LOOK_UP)).toBe(CHECKS);
    expect(await queriesOf(check)).toBe(CHECKS);
  });

  test("endings there are waited for by others, and endings of others are seen there", async () => {
    const { devices } = await addDevices(fleet, db, 3);
    const [ender, first, second] = devices;
    if (!ender || !first || !second) throw new Error("There are three.");
    for (const server of [remembering, without])
      for (const device of devices) expect(await ask(server, device)).toBe(200);
    expect((await end(without, ender, first)).status).toBe(204);
    expect((await end(remembering, ender, second)).status).toBe(204);
    for (const server of [remembering, without])
      for (const device of [first, second]) expect(await ask(server, device)).toBe(401);
  });

  test("it is not on the list, so that no ending waits for it", async () => {
    const { rows } = await db.query("SELECT FROM instances");
    expect(rows).toHaveLength(1);
  });
});
