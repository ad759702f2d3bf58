import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import { TcpProxy } from "../../support/database/tcp-proxy";
import type { Server } from "../../support/http/server";
import { openEvents } from "../../support/http/stream";
import { BEYOND, eventually, within } from "../../support/http/timing";
import { settingFor } from "../../support/runner/slowness";
import { ask, end } from "../support/asking";
import { addDevices, type Device, Fleet, metric } from "../support/fleet";

// The streams of open tabs, where the session ends at another instance, or where no news can come.

const LEASE = settingFor(1_000);

const db = ownDatabase();
const databaseUrl = process.env.DATABASE_URL ?? "";
let feedRoad: TcpProxy;
let fleet: Fleet;
let other: Server;
let remote: Server;

beforeAll(async () => {
  feedRoad = await TcpProxy.to(databaseUrl);
  fleet = await Fleet.start(1, { databaseUrl, env: { LEASE_MS: String(LEASE) } });
  [other] = fleet.servers as [Server];
  remote = await fleet.add({ FEED_DATABASE_URL: feedRoad.through(databaseUrl) });
});

afterEach(async () => {
  feedRoad.restore();
  await eventually(async () => expect(await metric(remote, "latchkey_feed_connected")).toBe(1));
});

afterAll(async () => {
  await fleet?.stop();
  await Promise.all([feedRoad?.stop(), db.end()]);
});

async function twoDevices(): Promise<[Device, Device]> {
  const { devices } = await addDevices(fleet, db, 2);
  return devices as [Device, Device];
}

const open = (server: Server, { token }: Device) => openEvents(server, { authorization: `Bearer ${token}` });

const ENDED = { event: "ended", data: expect.objectContaining({ reason: "ended_from_another_device" }) };

/** The next event but for news of the devices that were added just before, which may still be on their way. */
async function nextOf(stream: Awaited<ReturnType<typeof open>>): ReturnType<typeof stream.next> {
  const event = await stream.next();
  return isDeepStrictEqual(event, { event: "sessions", data: { change: "new" } }) ? nextOf(stream) : event;
}

test("an ending at another instance ends the stream at once, with the reason", async () => {
  const [ender, target] = await twoDevices();
  const stream = await open(remote, target);
  const startedAt = performance.now();
  const [{ status }, first] = await Promise.all([end(other, ender, target), nextOf(stream)]);
  expect(status).toBe(204);
  expect(first).toEqual(ENDED);
  expect(performance.now() - startedAt).toBeLessThan(within(BEYOND));
  expect(await stream.next()).toBeNull();
  await eventually(async () => expect(await metric(remote, "latchkey_streams")).toBe(0));
});

test("who asks for the head alone opens no stream", async () => {
  const [, target] = await twoDevices();
  const { status, headers } = await fetch(`${remote.url}/api/auth/events`, {
    method: "HEAD",
    headers: { authorization: `Bearer ${target.token}` },
  });
  expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  expect(await metric(remote, "latchkey_streams")).toBe(0);
});

test("a stream whose instance hears no news ends all the same, soon after", async () => {
  const [ender, target] = await twoDevices();
  const stream = await open(remote, target);
  feedRoad.cut();
  const [{ status }, first] = await Promise.all([end(other, ender, target), nextOf(stream)]);
  const answeredAt = performance.now();
  expect(status).toBe(204);
  expect(first).toEqual(ENDED);
  expect(performance.now() - answeredAt).toBeLessThan(within(LEASE / 2 + BEYOND));
  expect(await stream.next()).toBeNull();
});

test("a stream over a silent instance that knows of it looks every half lease", async () => {
  const [ender, target] = await twoDevices();
  feedRoad.cut();
  await eventually(async () => expect(await metric(remote, "latchkey_feed_connected")).toBe(0));
  const stream = await open(remote, target);
  const { status } = await end(other, ender, target);
  const answeredAt = performance.now();
  expect(status).toBe(204);
  expect(await nextOf(stream)).toEqual(ENDED);
  expect(performance.now() - answeredAt).toBeLessThan(within(LEASE / 2 + BEYOND));
});

test("siblings' streams at every instance hear of a change, and go on", async () => {
  const [ender, target] = await twoDevices();
  const streams = await Promise.all([open(remote, ender), open(other, ender)]);
  await end(other, ender, target);
  for (const stream of streams) {
    expect(await nextOf(stream)).toEqual({ event: "sessions", data: { change: "ended" } });
    stream.close();
  }
});

test("a stream whose reader leaves while its session ends hurts nobody", async () => {
  const [ender, target] = await twoDevices();
  const streams = await Promise.all(Array.from({ length: 10 }, () => open(remote, target)));
  const ending = end(other, ender, target);
  for (const stream of streams) stream.close();
  expect((await ending).status).toBe(204);
  await eventually(async () => expect(await metric(remote, "latchkey_streams")).toBe(0));
  expect(remote.lines.filter((line) => /unhandled|Invalid state/i.test(line))).toEqual([]);
});

test("when its instance stops, a stream ends without a word, and goes on at another one; or has last words there", async () => {
  const [ender, target] = await twoDevices();
  const stopping = await fleet.add();
  const stream = await open(stopping, target);
  const stopped = stopping.stop();
  expect(await stream.next()).toBeNull();
  await stopped;
  const again = await open(other, target);
  await pause(50);
  expect(await ask(other, target)).toBe(200);
  await end(remote, ender, target);
  expect(await nextOf(again)).toEqual(ENDED);
  const late = await open(remote, target);
  expect(await nextOf(late)).toEqual(ENDED);
  expect(await late.next()).toBeNull();
});
