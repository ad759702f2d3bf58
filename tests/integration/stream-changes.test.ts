import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { MOST_STREAMS } from "@/lib/limits";
import { applyNotification } from "@/lib/revocation/notifications";
import { findSession } from "@/lib/session/queries";
import type { Session } from "@/lib/session/session";
import { eventStream } from "@/lib/streams/events";
import { looked } from "@/lib/streams/watch";
import { ownDatabase } from "../support/database/database";
import { addPerson, addSession, type Person } from "../support/people/people";

// How often the streams of a user are told of changes. The clock is the test's own.

const db = ownDatabase();
afterAll(() => db.end());

let person: Person;
beforeEach(async () => {
  person = await addPerson(db);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function newSession(): Promise<Session> {
  const known = await findSession((await addSession(db, person)).id);
  if (!known) throw new Error("There is no such session.");
  return known.session;
}

/** Opens a stream; gives what it has told of changes so far. */
async function openStream(session: Session): Promise<{ told: string[]; close: () => Promise<void> }> {
  const reader = eventStream(session).getReader();
  const told: string[] = [];
  const read = async () => {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const text = new TextDecoder().decode(chunk.value);
      told.push(...[...text.matchAll(/"change":"(\w+)"/g)].map(([, change = ""]) => change));
    }
  };
  void read();
  return { told, close: () => reader.cancel() };
}

/** Lets time pass, and what it sets going reach the streams. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await looked();
  await new Promise((resolve) => setImmediate(resolve));
}

const change = (kind: "changed" | "new" = "changed") =>
  applyNotification({ kind, id: crypto.randomUUID(), owner: person.id });

test("a change is told at once, and those that follow within a tenth of a second together", async () => {
  const stream = await openStream(await newSession());
  change();
  await pass(1);
  expect(stream.told).toEqual(["changed"]);
  for (let count = 0; count < 9; count += 1) {
    change();
    change("new");
    await pass(10);
  }
  expect(stream.told).toEqual(["changed"]);
  await pass(20);
  expect(stream.told).toEqual(["changed", "changed", "new"]);
  await stream.close();
});

test("a hundred streams of a user are told of changes twice a second at most", async () => {
  const sessions = await Promise.all(Array.from({ length: 100 / MOST_STREAMS }, newSession));
  const streams = await Promise.all(
    sessions.flatMap((session) => Array.from({ length: MOST_STREAMS }, () => openStream(session))),
  );
  for (let tenths = 0; tenths < 20; tenths += 1) {
    change();
    await pass(100);
  }
  for (const { told } of streams) expect(told.length).toBeLessThanOrEqual(5);
  expect(streams[0]?.told.length).toBeGreaterThanOrEqual(4);
  await Promise.all(streams.map(({ close }) => close()));
});

test("a stream whose reader reads nothing is given up, and others are told as before", async () => {
  const session = await newSession();
  const unread = eventStream(session).getReader();
  const stream = await openStream(session);
  for (let count = 1; count <= 70; count += 1) {
    change();
    await pass(200);
    expect(stream.told).toHaveLength(count);
  }
  await expect(unread.closed).rejects.toThrow("reads nothing");
  await stream.close();
});
