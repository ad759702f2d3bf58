import "server-only";
import { LRUCache } from "lru-cache";
import type { Known } from "@/lib/session/session";
import type { TokenClaims } from "@/lib/token/token";

// What this process remembers. The proxy imports it too: no database here, no Node API.
//
// The invariant (docs/revocation.md): while the lease is valid, every session in `sessions` was live in the database
// at some moment after the last ending that any server has answered. It holds because
//  1. an ending is answered only after this process has applied its news, or has lost its lease;
//  2. news removes the entry, and marks every read of that session that is still under way as stale, so that a read
//     which began before the ending cannot refill the memory after it;
//  3. a read fills the memory only if the lease was valid when the read began, and has not lapsed since: the epoch
//     changes with every lapse, and a new epoch begins empty.

/** A credential that was opened and whose signature was checked, once. */
export type Opened = { claims: TokenClaims; secretHash: Uint8Array };

type Flight = { stale: boolean; promise: Promise<Known | null> };

type Memory = {
  /** By SHA-256 of the exact cookie or token string. Its answer says nothing about liveness. */
  opened: LRUCache<string, Opened>;
  sessions: LRUCache<string, Known>;
  /** Session ids by user id, for news about a user. May name sessions that were evicted. */
  ofUser: Map<string, Set<string>>;
  flights: Map<string, Flight>;
  lease: { until: number; wallFrom: number; wallUntil: number; epoch: number };
  counters: { hits: number; misses: number; fallbacks: number; shared: number };
};

/** Bytes of heap that one remembered session takes, strings included. Checked against a heap in `npm run bench`. */
export function bytesOf({ session, user }: Known): number {
  const text = [
    user.email,
    user.name,
    session.name,
    session.browser,
    session.os,
    session.ip,
    session.location,
  ];
  return 1_850 + text.reduce((sum, each) => sum + (each?.length ?? 0), 0);
}

function create(): Memory {
  return {
    opened: new LRUCache({ max: 100_000 }),
    sessions: new LRUCache({
      max: 100_000,
      maxSize: 256 * 1024 * 1024,
      sizeCalculation: bytesOf,
      dispose: forgetOwner,
    }),
    ofUser: new Map(),
    flights: new Map(),
    lease: { until: 0, wallFrom: 0, wallUntil: 0, epoch: 0 },
    counters: { hits: 0, misses: 0, fallbacks: 0, shared: 0 },
  };
}

// Next bundles the proxy, route handlers and instrumentation apart; globalThis is the one place they share.
const holder = globalThis as typeof globalThis & { latchkeyMemory?: Memory };

function memory(): Memory {
  holder.latchkeyMemory ??= create();
  return holder.latchkeyMemory;
}

function forgetOwner(known: Known, sid: string): void {
  const { ofUser } = memory();
  const sids = ofUser.get(known.user.id);
  sids?.delete(sid);
  if (sids?.size === 0) ofUser.delete(known.user.id);
}

/** Bounds the memory: sessions by count, with 2,560 bytes each on average as the bound by size. */
export function limitMemory(sessions: number): void {
  const fresh = create();
  fresh.opened = new LRUCache({ max: sessions });
  fresh.sessions = new LRUCache({
    max: sessions,
    maxSize: sessions * 2_560,
    sizeCalculation: bytesOf,
    dispose: forgetOwner,
  });
  fresh.lease = memory().lease;
  holder.latchkeyMemory = fresh;
}

/** Whether this process may answer from memory at this moment. */
export function leaseIsValid(): boolean {
  const { lease } = memory();
  // The monotonic clock decides. The wall clock can only shorten: it catches a machine that slept, whose monotonic
  // clock may have slept too, and any jump of the wall clock, either way, which proves nothing but costs one lapse.
  if (performance.now() >= lease.until) return false;
  const wall = Date.now();
  return wall >= lease.wallFrom && wall < lease.wallUntil;
}

/** The number of the present unbroken run of leases. */
export function leaseEpoch(): number {
  return memory().lease.epoch;
}

/** Milliseconds for which the lease still holds; 0 without one. */
export function leaseLeft(): number {
  return leaseIsValid() ? memory().lease.until - performance.now() : 0;
}

/**
 * Takes or renews the lease for `length` milliseconds counted from `sentAt` (`performance.now()` before the renewal
 * was sent) and `wallSentAt` (`Date.now()` at that moment). If the lease had lapsed, a new epoch begins.
 */
export function takeLease(sentAt: number, wallSentAt: number, length: number): void {
  if (!leaseIsValid()) forgetAll();
  const { lease } = memory();
  lease.until = sentAt + length;
  lease.wallFrom = wallSentAt;
  lease.wallUntil = wallSentAt + length;
}

/** Gives the lease up, at once: from here on every check asks the database. */
export function dropLease(): void {
  memory().lease.until = 0;
  forgetAll();
}

/** Forgets every live session and begins a new epoch. */
export function forgetAll(): void {
  const { sessions, ofUser, flights, lease } = memory();
  lease.epoch += 1;
  for (const flight of flights.values()) flight.stale = true;
  flights.clear();
  sessions.clear();
  ofUser.clear();
}

/** Forgets one session; a read of it that is under way will not be remembered. */
export function forget(sid: string): void {
  const { sessions, flights } = memory();
  sessions.delete(sid);
  const flight = flights.get(sid);
  if (!flight) return;
  flight.stale = true;
  flights.delete(sid);
}

/** Forgets every session of a user. Whose a session under way is, nobody knows yet, so all reads count as stale. */
export function forgetUser(userId: string): void {
  const { ofUser, flights } = memory();
  for (const flight of flights.values()) flight.stale = true;
  flights.clear();
  for (const sid of [...(ofUser.get(userId) ?? [])]) forget(sid);
}

/** Whether a session is remembered, or being read: whether what is heard of it changes anything here. */
export function isInUse(sid: string): boolean {
  const { sessions, flights } = memory();
  return sessions.has(sid) || flights.has(sid);
}

/** A session that may be answered for without asking the database, or null. */
export function recall(sid: string): Known | null {
  const { sessions, counters } = memory();
  if (!leaseIsValid()) {
    counters.fallbacks += 1;
    return null;
  }
  const known = sessions.get(sid) ?? null;
  if (known) counters.hits += 1;
  else counters.misses += 1;
  return known;
}

/**
 * Reads a session with `read` and remembers it if it is live and that is safe. Concurrent calls for one session share
 * one read, but only under the lease: then no ending was answered since the read began, or it would be stale.
 */
export function readThrough(sid: string, read: () => Promise<Known | null>): Promise<Known | null> {
  const { flights, counters } = memory();
  if (!leaseIsValid()) return read();

  const flying = flights.get(sid);
  if (flying) {
    counters.shared += 1;
    return flying.promise;
  }

  const epoch = leaseEpoch();
  const flight: Flight = { stale: false, promise: Promise.resolve(null) };
  flight.promise = read()
    .then((known) => {
      const safe = !flight.stale && epoch === leaseEpoch() && leaseIsValid();
      if (safe && known && !known.session.endedAt && !known.user.disabled) remember(known);
      return known;
    })
    .finally(() => {
      if (flights.get(sid) === flight) flights.delete(sid);
    });
  flights.set(sid, flight);
  return flight.promise;
}

function remember(known: Known): void {
  const { sessions, ofUser } = memory();
  const { id } = known.session;
  sessions.set(id, known);
  const sids = ofUser.get(known.user.id);
  if (sids) sids.add(id);
  else ofUser.set(known.user.id, new Set([id]));
}

/** An opened credential by the hash of its exact spelling. */
export function recallOpened(hash: string): Opened | undefined {
  return memory().opened.get(hash);
}

/** Remembers that a credential opened and verified. */
export function rememberOpened(hash: string, opened: Opened): void {
  memory().opened.set(hash, opened);
}

/** Counts since the process started, and present sizes, for the metrics. */
export function memoryStatistics() {
  const { sessions, opened, counters } = memory();
  return {
    ...counters,
    sessions: sessions.size,
    bytes: sessions.calculatedSize,
    opened: opened.size,
  };
}
