import "server-only";
import { LRUCache } from "lru-cache";
import { singleton } from "@/lib/singleton";
import { leaseEpoch, leaseIsValid } from "./lease";

// A cache that never gives what was revoked. The proxy may import it: no database here, no Node API.
//
// The invariant (docs/revocation.md): while the lease is valid, every cached value was live in the database at some
// moment after the last revocation that any instance has answered. It holds because
//  1. a revocation is answered only after this process has applied its notification, or has lost its lease;
//  2. a notification removes the entry, and marks every read of it that is still under way as stale, so that a read
//     which began before the revocation cannot refill the cache after it;
//  3. a read fills the cache only if the lease was valid when the read began, and has not lapsed since: the epoch
//     changes with every lapse, and a new epoch begins empty.

type Options<Value> = {
  /** Entries at most. */
  max: number;
  /** Bytes of heap that an entry takes. On average an entry may take `averageSize`. */
  sizeOf: (value: Value) => number;
  averageSize: number;
  /** Whose the value is: `invalidateOwner` removes everything of one owner. */
  ownerOf: (value: Value) => string;
  /** Whether the value may be given again: it is live as far as only a revocation can change that. */
  isCacheable: (value: Value) => boolean;
};

export type Cache<Value> = {
  /** What may be answered without asking the database, or null. */
  get(id: string): Value | null;
  /**
   * Reads with `read`, and keeps the value where that is safe. Concurrent calls for one id share one read
   * (single-flight), but only under the lease: then no revocation was answered since the read began, or it would be stale.
   */
  read(id: string, read: () => Promise<Value | null>): Promise<Value | null>;
  invalidate(id: string): void;
  invalidateOwner(owner: string): void;
  /** Whether an id is cached, or being read: whether what is heard of it changes anything here. */
  has(id: string): boolean;
  /** Sets how many entries there may be, and begins empty. */
  limit(max: number): void;
  /** Counts since the process started, and present sizes. */
  statistics(): CacheStatistics;
};

type Counters = {
  /** Answered from the cache; asked for and not there; asked without a lease; shared a read with another call. */
  hits: number;
  misses: number;
  fallbacks: number;
  shared: number;
};

export type CacheStatistics = Counters & { entries: number; bytes: number; owners: number };

type Flight<Value> = { stale: boolean; promise: Promise<Value | null> };

/** What notifications invalidate: every cache of this process. */
export const caches = singleton(
  "caches",
  () => new Set<Pick<Cache<unknown>, "invalidate" | "invalidateOwner" | "has">>(),
);

/** Makes a cache that notifications invalidate. Once for each process: see `singleton`. */
export function createCache<Value extends object>(options: Options<Value>): Cache<Value> {
  const { ownerOf, isCacheable } = options;
  let entries = createEntries(options.max);
  /** Ids by owner. May name entries that were evicted while they were removed. */
  const ofOwner = new Map<string, Set<string>>();
  const flights = new Map<string, Flight<Value>>();
  let epoch = leaseEpoch();
  const counters: Counters = { hits: 0, misses: 0, fallbacks: 0, shared: 0 };

  function createEntries(max: number): LRUCache<string, Value> {
    return new LRUCache({
      max,
      maxSize: max * options.averageSize,
      sizeCalculation: options.sizeOf,
      dispose: (value, id) => {
        const ids = ofOwner.get(ownerOf(value));
        ids?.delete(id);
        if (ids?.size === 0) ofOwner.delete(ownerOf(value));
      },
    });
  }

  /** Removes what an epoch that is over has left. */
  function sweepEpoch(): void {
    if (epoch === leaseEpoch()) return;
    epoch = leaseEpoch();
    flights.clear();
    entries.clear();
    ofOwner.clear();
  }

  function keep(id: string, value: Value): void {
    entries.set(id, value);
    const ids = ofOwner.get(ownerOf(value));
    if (ids) ids.add(id);
    else ofOwner.set(ownerOf(value), new Set([id]));
  }

  const cache: Cache<Value> = {
    get(id) {
      sweepEpoch();
      if (!leaseIsValid()) {
        counters.fallbacks += 1;
        return null;
      }
      const value = entries.get(id) ?? null;
      if (value) counters.hits += 1;
      else counters.misses += 1;
      return value;
    },

    read(id, read) {
      sweepEpoch();
      if (!leaseIsValid()) return read();
      const flying = flights.get(id);
      if (flying) {
        counters.shared += 1;
        return flying.promise;
      }

      const begunIn = epoch;
      const flight: Flight<Value> = { stale: false, promise: Promise.resolve(null) };
      flight.promise = read()
        .then((value) => {
          const isSafe = !flight.stale && begunIn === leaseEpoch() && leaseIsValid();
          if (isSafe && value && isCacheable(value)) keep(id, value);
          return value;
        })
        .finally(() => {
          if (flights.get(id) === flight) flights.delete(id);
        });
      flights.set(id, flight);
      return flight.promise;
    },

    invalidate(id) {
      entries.delete(id);
      const flight = flights.get(id);
      if (!flight) return;
      flight.stale = true;
      flights.delete(id);
    },

    invalidateOwner(owner) {
      // Whose value a read under way will bring, nobody knows yet: all of them count as stale.
      for (const flight of flights.values()) flight.stale = true;
      flights.clear();
      for (const id of [...(ofOwner.get(owner) ?? [])]) entries.delete(id);
    },

    has(id) {
      sweepEpoch();
      return entries.has(id) || flights.has(id);
    },

    limit(max) {
      for (const flight of flights.values()) flight.stale = true;
      flights.clear();
      ofOwner.clear();
      entries = createEntries(max);
    },

    statistics() {
      sweepEpoch();
      return { ...counters, entries: entries.size, bytes: entries.calculatedSize, owners: ofOwner.size };
    },
  };
  caches().add(cache);
  return cache;
}
