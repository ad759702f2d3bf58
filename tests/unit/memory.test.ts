import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  dropLease,
  forget,
  forgetAll,
  forgetUser,
  isInUse,
  leaseEpoch,
  leaseIsValid,
  leaseLeft,
  limitMemory,
  memoryStatistics,
  readThrough,
  recall,
  takeLease,
} from "@/lib/revocation/cache";
import type { Known } from "@/lib/session/session";
import { knownSession } from "../support/known";

const lease = (length = 60_000, age = 0) => takeLease(performance.now() - age, Date.now() - age, length);

beforeEach(() => {
  dropLease();
  limitMemory(100);
});

/** A read that answers when it is told to. */
function slowRead() {
  let answer: (known: Known | null) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<Known | null>((resolve, reject) => {
    [answer, fail] = [resolve, reject];
  });
  return { read: vi.fn(() => promise), answer, fail };
}

async function remember(known: Known): Promise<void> {
  await readThrough(known.session.id, async () => known);
}

describe("under the lease", () => {
  beforeEach(() => lease());

  test("a live session is remembered", async () => {
    const known = knownSession();
    await remember(known);
    expect(recall(known.session.id)).toBe(known);
  });

  test.each([
    ["an ended one", knownSession("a", { endedAt: new Date() })],
    ["one of a disabled user", knownSession("a", { disabled: true })],
    ["none", null],
  ])("%s is answered but not remembered", async (_, known) => {
    expect(await readThrough("a", async () => known)).toBe(known);
    expect(recall("a")).toBeNull();
  });

  test("calls for one session at once share one read", async () => {
    const known = knownSession();
    const { read, answer } = slowRead();
    const [first, second] = [readThrough("a", read), readThrough("a", read)];
    answer(known);
    expect(await Promise.all([first, second])).toEqual([known, known]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  test("a read that fails is not held against the next one", async () => {
    const known = knownSession();
    const { read, fail } = slowRead();
    const first = readThrough(known.session.id, read);
    fail(new Error("away"));
    await expect(first).rejects.toThrow("away");
    await remember(known);
    expect(recall(known.session.id)).toBe(known);
  });

  test("forget removes one session and no other", async () => {
    const [one, other] = [knownSession(), knownSession()];
    await remember(one);
    await remember(other);
    forget(one.session.id);
    expect(recall(one.session.id)).toBeNull();
    expect(recall(other.session.id)).toBe(other);
  });

  test("forgetUser removes the sessions of that user and no other", async () => {
    const [one, two] = [knownSession("a", { userId: "u" }), knownSession("b", { userId: "u" })];
    const other = knownSession("c", { userId: "v" });
    for (const each of [one, two, other]) await remember(each);
    forgetUser("u");
    expect([recall("a"), recall("b"), recall("c")]).toEqual([null, null, other]);
  });

  test("a session is in use while it is read and while it is remembered, and then no more", async () => {
    const { read, answer } = slowRead();
    expect(isInUse("a")).toBe(false);
    const reading = readThrough("a", read);
    expect(isInUse("a")).toBe(true);
    answer(knownSession("a"));
    await reading;
    expect(isInUse("a")).toBe(true);
    forget("a");
    expect(isInUse("a")).toBe(false);
  });
});

// The race that a cache of sessions must not lose: a read begins, the session is ended and forgotten, the read answers.
describe("a read that began before the ending does not refill the memory after it", () => {
  beforeEach(() => lease());

  test.each<[string, () => void]>([
    ["the session was forgotten", () => forget("a")],
    ["its user was forgotten, whose session it is nobody knew yet", () => forgetUser("u")],
    ["everything was forgotten", forgetAll],
    ["the lease was given up", dropLease],
    [
      "the lease was given up and taken anew",
      () => {
        dropLease();
        lease();
      },
    ],
    ["the lease lapsed", () => lease(50, 100)],
    [
      "the lease lapsed and was renewed",
      () => {
        lease(50, 100);
        lease();
      },
    ],
  ])("%s", async (_, meanwhile) => {
    const known = knownSession("a", { userId: "u" });
    const { read, answer } = slowRead();
    const reading = readThrough("a", read);
    meanwhile();
    answer(known);
    expect(await reading).toBe(known);
    lease();
    expect(recall("a")).toBeNull();
  });

  test("and nobody who asks after the ending gets its answer", async () => {
    const [stale, fresh] = [slowRead(), slowRead()];
    const before = readThrough("a", stale.read);
    forget("a");
    const after = readThrough("a", fresh.read);
    expect(fresh.read).toHaveBeenCalledTimes(1);
    fresh.answer(null);
    stale.answer(knownSession("a"));
    expect(await after).toBeNull();
    await before;
    expect(recall("a")).toBeNull();
  });

  test("and its end does not hide the read that came after it", async () => {
    const [stale, fresh, third] = [slowRead(), slowRead(), slowRead()];
    const before = readThrough("a", stale.read);
    forget("a");
    const after = readThrough("a", fresh.read);
    stale.answer(null);
    await before;
    const joined = readThrough("a", third.read);
    expect(third.read).not.toHaveBeenCalled();
    fresh.answer(knownSession("a"));
    expect(await joined).toBe(await after);
  });
});

describe("without the lease", () => {
  test("nothing is remembered and nothing recalled", async () => {
    const known = knownSession();
    await remember(known);
    expect(recall(known.session.id)).toBeNull();
    lease();
    expect(recall(known.session.id)).toBeNull();
  });

  test("every call reads for itself", async () => {
    const { read, answer } = slowRead();
    const both = [readThrough("a", read), readThrough("a", read)];
    expect(read).toHaveBeenCalledTimes(2);
    answer(null);
    await Promise.all(both);
  });

  test("what was remembered under the last lease is gone under the next", async () => {
    lease();
    const known = knownSession();
    await remember(known);
    lease(50, 100);
    expect(recall(known.session.id)).toBeNull();
    lease();
    expect(recall(known.session.id)).toBeNull();
  });
});

describe("the lease", () => {
  test("lasts from the moment its renewal was sent", () => {
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
    const stopwatch = vi.spyOn(performance, "now").mockReturnValue(performance.now());
    lease(1_000, 999);
    expect(leaseIsValid()).toBe(true);
    expect(leaseLeft()).toBeCloseTo(1);
    lease(1_000, 1_000);
    expect(leaseIsValid()).toBe(false);
    expect(leaseLeft()).toBe(0);
    stopwatch.mockRestore();
    clock.mockRestore();
  });

  test("renewed in time keeps what is remembered", async () => {
    lease();
    const known = knownSession();
    await remember(known);
    const epoch = leaseEpoch();
    lease();
    expect(leaseEpoch()).toBe(epoch);
    expect(recall(known.session.id)).toBe(known);
  });

  test.each([
    ["ahead", 60_001],
    ["back", -1],
  ])("does not survive a wall clock that jumps %s", (_, jump) => {
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now);
    lease();
    expect(leaseIsValid()).toBe(true);
    clock.mockReturnValue(now + jump);
    expect(leaseIsValid()).toBe(false);
    clock.mockRestore();
  });

  test("is not prolonged by a wall clock that stands still", () => {
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now);
    const monotonic = performance.now();
    takeLease(monotonic, now, 1_000);
    const stopwatch = vi.spyOn(performance, "now").mockReturnValue(monotonic + 1_000);
    expect(leaseIsValid()).toBe(false);
    stopwatch.mockRestore();
    clock.mockRestore();
  });
});

describe("the bounds", () => {
  beforeEach(() => lease());

  test("hold by count, and evicted sessions leave nothing behind", async () => {
    limitMemory(10);
    lease();
    const all = Array.from({ length: 1_000 }, () => knownSession());
    for (const each of all) await remember(each);
    expect(memoryStatistics().sessions).toBe(10);
    const { ofUser } = (globalThis as unknown as { latchkeyMemory: { ofUser: Map<string, Set<string>> } })
      .latchkeyMemory;
    expect(ofUser.size).toBe(10);
  });

  test("hold by size", async () => {
    limitMemory(10);
    lease();
    for (let count = 0; count < 50; count += 1)
      await remember(knownSession(undefined, { name: "x".repeat(3_000) }));
    const { sessions, bytes } = memoryStatistics();
    expect(bytes).toBeLessThanOrEqual(10 * 2_560);
    expect(sessions).toBeLessThan(10);
    expect(sessions).toBeGreaterThan(0);
  });
});
