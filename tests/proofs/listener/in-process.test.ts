import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { env } from "@/lib/env";
import { leaseEpoch, leaseIsValid, leaseLeft } from "@/lib/revocation/lease";
import { startListener, stopListener } from "@/lib/revocation/listener";
import { sessionCache } from "@/lib/session/cache";
import { whichHaveEnded } from "@/lib/session/queries";
import type { Session } from "@/lib/session/session";
import { verifySession } from "@/lib/session/verify";
import { SessionEnded, streamWithSession } from "@/lib/streams/stream-with-session";
import { ownDatabase } from "../../support/database/database";
import { callsOf, LOOK_UP } from "../../support/database/statements";
import { eventually } from "../../support/http/timing";
import { addPerson, addSession, type Row } from "../../support/people/people";
import type { PrivateKey } from "../../support/people/secrets";
import { claimsOf, sign } from "../../support/people/tokens";
import { expectComplaints } from "../../support/runner/complaints";
import { settingFor } from "../../support/runner/slowness";

// An instance inside this process, where clocks can be set and streams be held.

const LEASE = settingFor(1_000);
process.env.LEASE_MS = String(LEASE);
const HOUR = 60 * 60 * 1_000;

const db = ownDatabase();
const key = JSON.parse(process.env.TOKEN_KEYS ?? "").keys[0] as PrivateKey;

beforeAll(async () => {
  startListener(whichHaveEnded);
  await eventually(() => expect(leaseIsValid()).toBe(true));
});
afterAll(async () => {
  await stopListener();
  await db.end();
});

let row: Row;
let token: string;
beforeEach(async () => {
  row = await addSession(db, await addPerson(db));
  const { id, userId, secret } = row;
  token = await sign(key, claimsOf(env().publicOrigin, { userId, sessionId: id, secret }));
});

/** What the gate says at this moment; its reading of the clock is not what is tested. */
const at = new Date();
const verify = () => verifySession({ form: "bearer", value: token }, at);
const isAdmitted = async () => (await verify()).ok;
const lookUps = () => callsOf(db, LOOK_UP);
const endByHand = () =>
  db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1", [row.id]);

async function sessionOf(): Promise<Session> {
  const verdict = await verify();
  if (!verdict.ok) throw new Error("It is not live.");
  return verdict.session;
}

describe.each([
  ["ahead", HOUR],
  ["back", -HOUR],
])("a wall clock that jumps %s", (_, jump) => {
  test("costs queries until the next renewal, and lets nobody in", async () => {
    expect(await isAdmitted()).toBe(true);
    const known = await lookUps();
    expect(await isAdmitted()).toBe(true);
    expect(await lookUps()).toBe(known);

    const now = Date.now.bind(Date);
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + jump);
    try {
      expect(leaseIsValid()).toBe(false);
      const { fallbacks } = sessionCache().statistics();
      expect(await isAdmitted()).toBe(true);
      expect(sessionCache().statistics().fallbacks).toBe(fallbacks + 1);
      expect(await lookUps()).toBe(known + 1);
      // Nobody tells: the look at the row does.
      await endByHand();
      expect(await isAdmitted()).toBe(false);
      await eventually(() => expect(leaseIsValid()).toBe(true));
      expect(await isAdmitted()).toBe(false);
    } finally {
      clock.mockRestore();
    }
    expect(await isAdmitted()).toBe(false);
    await eventually(() => expect(leaseIsValid()).toBe(true));
    expect(await isAdmitted()).toBe(false);
  });
});

describe("the row of an instance in the list", () => {
  const beatOf = async () => (await db.query<{ beat: string }>("SELECT beat FROM instances")).rows[0];

  test("taken away by hand: it begins with an empty memory and another beat", async () => {
    expect(await isAdmitted()).toBe(true);
    const [before, epoch] = [await beatOf(), leaseEpoch()];
    await db.query("DELETE FROM instances");
    await eventually(async () => expect(await beatOf()).toBeDefined());
    expect((await beatOf())?.beat).not.toBe(before?.beat);
    expect(leaseEpoch()).toBeGreaterThan(epoch);
    expect(await isAdmitted()).toBe(true);
  });

  test("no beat comes twice", async () => {
    const beats = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      await db.query("DELETE FROM instances");
      await eventually(async () => expect(await beatOf()).toBeDefined());
      const { beat = "" } = (await beatOf()) ?? {};
      expect(beats.has(beat)).toBe(false);
      beats.add(beat);
    }
  });

  test("is renewed before the lease is over", async () => {
    const lefts: number[] = [];
    for (let look = 0; look < 60; look += 1) {
      lefts.push(leaseLeft());
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(Math.min(...lefts)).toBeGreaterThan(0);
    expect(Math.max(...lefts)).toBeLessThanOrEqual(0.95 * LEASE);
  });
});

describe("a subscriber that fails", () => {
  test("does not keep the others from hearing", async () => {
    const { subscribe } = await import("@/lib/revocation/notifications");
    const heard: string[] = [];
    const stops = [
      subscribe(row.userId, () => {
        throw new Error("It does not want to know.");
      }),
      subscribe(row.userId, ({ kind }) => heard.push(kind)),
    ];
    expectComplaints();
    expect(await isAdmitted()).toBe(true);
    await endByHand();
    await eventually(() => expect(heard).toEqual(["ended"]));
    expect(await isAdmitted()).toBe(false);
    expect(leaseIsValid()).toBe(true);
    for (const stop of stops) stop();
  });
});

describe("streamWithSession", () => {
  /** A stream that goes on until it is cancelled. */
  function endless() {
    const cancelled = vi.fn();
    const source = new ReadableStream<string>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue("on and on");
      },
      cancel: cancelled,
    });
    return { source, cancelled };
  }

  test("passes a stream through until the session ends, then fails for its reader and stops its source", async () => {
    const { source, cancelled } = endless();
    const reader = streamWithSession(source, await sessionOf()).getReader();
    expect(await reader.read()).toEqual({ done: false, value: "on and on" });
    await endByHand();
    const untilItFails = async () => {
      for (;;) await reader.read();
    };
    await expect(untilItFails()).rejects.toThrow(SessionEnded);
    await eventually(() => expect(cancelled).toHaveBeenCalledOnce());
  });

  test("lets a stream end that is over before its session", async () => {
    const source = new ReadableStream<string>({
      start(controller) {
        controller.enqueue("short");
        controller.close();
      },
    });
    const reader = streamWithSession(source, await sessionOf()).getReader();
    expect(await reader.read()).toEqual({ done: false, value: "short" });
    expect((await reader.read()).done).toBe(true);
  });

  test("stops the source when the reader leaves", async () => {
    const { source, cancelled } = endless();
    const reader = streamWithSession(source, await sessionOf()).getReader();
    await reader.read();
    await reader.cancel();
    await eventually(() => expect(cancelled).toHaveBeenCalledOnce());
  });

  test("notices an ending between the check and the tie", async () => {
    const session = await sessionOf();
    await endByHand();
    await eventually(async () => expect(await isAdmitted()).toBe(false));
    const { source } = endless();
    const reader = streamWithSession(source, session).getReader();
    const untilItFails = async () => {
      for (;;) await reader.read();
    };
    await expect(untilItFails()).rejects.toThrow(SessionEnded);
  });
});

describe("the stream of a session that is ended elsewhere", () => {
  test("tells that, and no change before it", async () => {
    const { eventStream } = await import("@/lib/streams/events");
    const text = new Response(eventStream(await sessionOf())).text();
    await endByHand();
    expect([...(await text).matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual(["ended"]);
  });
});
