import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Cache, createCache } from "@/lib/revocation/cache";
import {
  beginEpoch,
  dropLease,
  leaseEpoch,
  leaseIsValid,
  leaseLeft,
  takeLease,
} from "@/lib/revocation/lease";
import { bytesOf } from "@/lib/session/cache";
import type { SessionWithUser } from "@/lib/session/session";
import { knownSession } from "../support/people/known";

const lease = (length = 60_000, age = 0) => takeLease(performance.now() - age, Date.now() - age, length);

const cacheOf = (max: number) =>
  createCache<SessionWithUser>({
    max,
    averageSize: 2_560,
    sizeOf: bytesOf,
    ownerOf: ({ user }) => user.id,
    isCacheable: ({ session, user }) => !session.endedAt && !user.disabled,
  });

let cache: Cache<SessionWithUser>;

beforeEach(() => {
  dropLease();
  cache = cacheOf(100);
});

/** A read that answers when it is told to. */
function slowRead() {
  let answer: (known: SessionWithUser | null) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<SessionWithUser | null>((resolve, reject) => {
    [answer, fail] = [resolve, reject];
  });
  return { read: vi.fn(() => promise), answer, fail };
}

async function remember(known: SessionWithUser): Promise<void> {
  await cache.read(known.session.id, async () => known);
}

describe("under the lease", () => {
  beforeEach(() => lease());

  test("a live session is remembered", async () => {
    const known = knownSession();
    await remember(known);
    expect(cache.get(known.session.id)).toBe(known);
  });

  test.each([
    ["an ended one", knownSession("a", { endedAt: new Date() })],
    ["one of a disabled user", knownSession("a", { disabled: true })],
    ["none", null],
  ])("%s is answered but not remembered", async (_, known) => {
    expect(await cache.read("a", async () => known)).toBe(known);
    expect(cache.get("a")).toBeNull();
  });

  test("calls for one session at once share one read", async () => {
    const known = knownSession();
    const { read, answer } = slowRead();
    const [first, second] = [cache.read("a", read), cache.read("a", read)];
    answer(known);
    expect(await Promise.all([first, second])).toEqual([known, known]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  test("a read that fails is not held against the next one", async () => {
    const known = knownSession();
    const { read, fail } = slowRead();
    const first = cache.read(known.session.id, read);
    fail(new Error("away"));
    await expect(first).rejects.toThrow("away");
    await remember(known);
    expect(cache.get(known.session.id)).toBe(known);
  });

  test("invalidate removes one session and no other", async () => {
    const [one, other] = [knownSession(), knownSession()];
    await remember(one);
    await remember(other);
    cache.invalidate(one.session.id);
    expect(cache.get(one.session.id)).toBeNull();
    expect(cache.get(other.session.id)).toBe(other);
  });

  test("invalidateOwner removes the sessions of that user and no other", async () => {
    const [one, two] = [knownSession("a", { userId: "u" }), knownSession("b", { userId: "u" })];
    const other = knownSession("c", { userId: "v" });
    for (const each of [one, two, other]) await remember(each);
    cache.invalidateOwner("u");
    expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([null, null, other]);
  });

  test("a session is in use while it is read and while it is remembered, and then no more", async () => {
    const { read, answer } = slowRead();
    expect(cache.has("a")).toBe(false);
    const reading = cache.read("a", read);
    expect(cache.has("a")).toBe(true);
    answer(knownSession("a"));
    await reading;
    expect(cache.has("a")).toBe(true);
    cache.invalidate("a");
    expect(cache.has("a")).toBe(false);
  });
});

// The race that a cache of sessions must not lose: a read begins, the session is ended and invalidated, the read answers.
describe("a read that began before the ending does not refill the cache after it", () => {
  beforeEach(() => lease());

  test.each<[string, () => void]>([
    ["the session was invalidated", () => cache.invalidate("a")],
    ["its user was invalidated, whose session it is nobody knew yet", () => cache.invalidateOwner("u")],
    ["everything was invalidated", beginEpoch],
    ["the lease was given up", dropLease],
    [
      "the lease was given up and taken again",
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
    const reading = cache.read("a", read);
    meanwhile();
    answer(known);
    expect(await reading).toBe(known);
    lease();
    expect(cache.get("a")).toBeNull();
  });

  test("and nobody who asks after the ending gets its answer", async () => {
    const [stale, fresh] = [slowRead(), slowRead()];
    const before = cache.read("a", stale.read);
    cache.invalidate("a");
    const after = cache.read("a", fresh.read);
    expect(fresh.read).toHaveBeenCalledTimes(1);
    fresh.answer(null);
    stale.answer(knownSession("a"));
    expect(await after).toBeNull();
    await before;
    expect(cache.get("a")).toBeNull();
  });

  test("and its end does not hide the read that came after it", async () => {
    const [stale, fresh, third] = [slowRead(), slowRead(), slowRead()];
    const before = cache.read("a", stale.read);
    cache.invalidate("a");
    const after = cache.read("a", fresh.read);
    stale.answer(null);
    await before;
    const joined = cache.read("a", third.read);
    expect(third.read).not.toHaveBeenCalled();
    fresh.answer(knownSession("a"));
    expect(await joined).toBe(await after);
  });
});

describe("without the lease", () => {
  test("nothing is remembered and nothing recalled", async () => {
    const known = knownSession();
    await remember(known);
    expect(cache.get(known.session.id)).toBeNull();
    lease();
    expect(cache.get(known.session.id)).toBeNull();
  });

  test("every call reads for itself", async () => {
    const { read, answer } = slowRead();
    const both = [cache.read("a", read), cache.read("a", read)];
    expect(read).toHaveBeenCalledTimes(2);
    answer(null);
    await Promise.all(both);
  });

  test("what was remembered under the last lease is gone under the next", async () => {
    lease();
    const known = knownSession();
    await remember(known);
    lease(50, 100);
    expect(cache.get(known.session.id)).toBeNull();
    lease();
    expect(cache.get(known.session.id)).toBeNull();
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
    expect(cache.get(known.session.id)).toBe(known);
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
    cache = cacheOf(10);
    const all = Array.from({ length: 1_000 }, () => knownSession());
    for (const each of all) await remember(each);
    expect(cache.statistics()).toMatchObject({ entries: 10, owners: 10 });
  });

  test("hold by size", async () => {
    cache = cacheOf(10);
    for (let count = 0; count < 50; count += 1)
      await remember(knownSession(undefined, { name: "x".repeat(3_000) }));
    const { entries, bytes } = cache.statistics();
    expect(bytes).toBeLessThanOrEqual(10 * 2_560);
    expect(entries).toBeLessThan(10);
    expect(entries).toBeGreaterThan(0);
  });
});
