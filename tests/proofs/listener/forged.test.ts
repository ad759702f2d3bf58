import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import type { Server } from "../../support/http/server";
import { openEvents } from "../../support/http/stream";
import { eventually } from "../../support/http/timing";
import { settingFor } from "../../support/runner/slowness";
import { send } from "../race/client";
import { ask, askAnew, askByCookie, end } from "../support/asking";
import { addDevices, type Device, Fleet, metric } from "../support/fleet";
import { addStranger, type Stranger } from "../support/forger";

// docs/revocation.md, "Who may say what": a role that may only connect can send any notification. It makes instances
// look again; it puts nobody out, lets nobody in, and brings no feed down.

const LEASE = settingFor(1_000);

const db = ownDatabase();
const databaseUrl = process.env.DATABASE_URL ?? "";
let fleet: Fleet;
let one: Server;
let other: Server;
let stranger: Stranger;

beforeAll(async () => {
  fleet = await Fleet.start(2, { databaseUrl, env: { LEASE_MS: String(LEASE) } });
  [one, other] = fleet.servers as [Server, Server];
  stranger = await addStranger(db, databaseUrl);
});

afterAll(async () => {
  await stranger?.stop();
  await fleet?.stop();
  await db.end();
});

async function knownDevices(count: number): Promise<Device[]> {
  const { devices } = await addDevices(fleet, db, count);
  for (const device of devices)
    for (const server of [one, other]) {
      expect(await ask(server, device)).toBe(200);
      expect(await askByCookie(server, device)).toBe(200);
    }
  return devices;
}

async function page({ url }: Server, { cookie }: Device): Promise<number> {
  return (await send("GET", `${url}/sessions`, { cookie: `session=${cookie}` })).status;
}

/** Everything that was sent before has been heard by both instances. */
async function settled(): Promise<void> {
  const [ender, target] = await knownDevices(2);
  if (!ender || !target) throw new Error("There are two.");
  expect((await end(one, ender, target)).status).toBe(204);
  expect((await end(other, ender, ender)).status).toBe(204);
}

const hex = (...ids: string[]) => ids.join("").replaceAll("-", "");

/** Fences and acknowledgements without a signature, and with one that was made for something else. */
async function forgeEverything(): Promise<void> {
  const fences = stranger.overheard.filter(({ payload }) => payload.startsWith("f"));
  const forged = ["f4611686018427387904:", "f4611686018427387904", "f"];
  const { rows } = await db.query<{ id: string }>("SELECT id FROM instances");
  for (const { payload } of fences) {
    const [asker = "", number = "", answerBy = "", signature = ""] = payload.slice(1).split(":");
    forged.push(`f${asker}:${Number(number) + 1_000}:${answerBy}:${signature}`);
    for (const { id } of rows) {
      const acknowledgement = `a${id}:${asker}:${Number(number) + 1_000}:${signature}`;
      await stranger.notify(`latchkey_${hex(asker)}`, acknowledgement);
      await stranger.notify(`latchkey_${hex(asker)}`, `${id}:9007199254740991`);
    }
  }
  for (const payload of forged) await stranger.notify("latchkey", payload);
}

test("a forged fence or acknowledgement does not let an ending be answered before a suspended instance lost its lease", async () => {
  await settled();
  const [ender, target] = await knownDevices(2);
  if (!ender || !target) throw new Error("There are two.");
  const before = await metric(other, "latchkey_notifications_ignored_total");
  await forgeEverything();
  other.kill("SIGSTOP");
  const ending = end(one, ender, target);
  // Also while somebody waits.
  let isOver = false;
  const forging = (async () => {
    while (!isOver) {
      await forgeEverything();
      await pause(20);
    }
  })();
  expect((await ending).status).toBe(204);
  isOver = true;
  await forging;
  const first = askAnew(other, target);
  other.kill("SIGCONT");
  expect(await first).toBe(401);
  expect(await ask(other, target)).toBe(401);
  await settled();
  expect(await metric(one, "latchkey_notifications_ignored_total")).toBeGreaterThan(0);
  expect(await metric(other, "latchkey_notifications_ignored_total")).toBeGreaterThan(before);
  expect(one.lines.filter((line) => line.includes("notifications_ignored"))).toHaveLength(1);
});

test("recorded fences that are sent again do no harm", async () => {
  await settled();
  for (const { channel, payload } of [...stranger.overheard]) await stranger.notify(channel, payload);
  const [ender, target] = await knownDevices(2);
  if (!ender || !target) throw new Error("There are two.");
  other.kill("SIGSTOP");
  const ending = end(one, ender, target);
  for (const { channel, payload } of [...stranger.overheard]) await stranger.notify(channel, payload);
  expect((await ending).status).toBe(204);
  const first = askAnew(other, target);
  other.kill("SIGCONT");
  expect(await first).toBe(401);
});

describe("forged news of the end of a live session", () => {
  test.each(["e", "d", "c", "u", "r"])("%s puts it out nowhere", async (letter) => {
    const [device] = await knownDevices(1);
    if (!device) throw new Error("There is one.");
    const about = { e: hex(device.id, device.userId), u: hex(device.userId), r: "" };
    const payload = letter + (about[letter as keyof typeof about] ?? about.e);
    const stream = await openEvents(other, { authorization: `Bearer ${device.token}` });
    for (let count = 0; count < 20; count += 1) await stranger.notify("latchkey", payload);
    await settled();
    for (const server of [one, other]) {
      expect(await page(server, device)).toBe(200);
      expect(await ask(server, device)).toBe(200);
      expect(await askByCookie(server, device)).toBe(200);
    }
    // The stream goes on until the session ends indeed, and says so then.
    const words: string[] = [];
    await end(one, device, device);
    for (let event = await stream.next(); event; event = await stream.next()) words.push(event.event);
    expect(words.at(-1)).toBe("ended");
    expect(words.slice(0, -1).filter((word) => word !== "sessions")).toEqual([]);
    for (const server of [one, other]) {
      expect(await page(server, device)).toBe(307);
      expect(await ask(server, device)).toBe(401);
    }
  });
});

test("garbage, in any amount and on any channel, costs no connection and no lease", async () => {
  await settled();
  const connections = await Promise.all(
    [one, other].map((server) => metric(server, "latchkey_feed_connections_total")),
  );
  const asker = stranger.overheard.find(({ payload }) => payload.startsWith("f"))?.payload.slice(1, 37) ?? "";
  const garbage = [
    "",
    "x",
    "fx",
    "f:",
    "f::::",
    "a",
    "p",
    "a:",
    "p:",
    ":",
    "e",
    `e${"0".repeat(63)}`,
    "f99999999999999999999999",
  ];
  for (const payload of [...garbage, "f".repeat(7_900), "é".repeat(3_000), `f${":".repeat(7_000)}`])
    for (const channel of ["latchkey", `latchkey_${hex(asker)}`])
      for (let count = 0; count < 10; count += 1) await stranger.notify(channel, payload);
  await settled();
  for (const [index, server] of [one, other].entries()) {
    expect(await metric(server, "latchkey_feed_connections_total")).toBe(connections[index]);
    await eventually(async () =>
      expect(await metric(server, "latchkey_lease_left_seconds")).toBeGreaterThan(0),
    );
  }
});
