import "server-only";
import { singleton } from "@/lib/singleton";

// The lease of this process (Gray and Cheriton): while it is valid, every revocation waits for our acknowledgement, so
// cached sessions may be answered for. The proxy imports it too: no database here, no Node API.

type Lease = { until: number; wallFrom: number; wallUntil: number; epoch: number };

const lease = singleton("lease", (): Lease => ({ until: 0, wallFrom: 0, wallUntil: 0, epoch: 0 }));

/** Whether this process may answer from its cache at this moment. */
export function leaseIsValid(): boolean {
  const { until, wallFrom, wallUntil } = lease();
  // The monotonic clock decides. The wall clock can only shorten the lease: it catches a machine that slept, whose
  // monotonic clock may have slept too. Any other jump of the wall clock costs one lapse and nothing else.
  if (performance.now() >= until) return false;
  const wall = Date.now();
  return wall >= wallFrom && wall < wallUntil;
}

/** The number of the present unbroken run of leases. What was cached in another epoch is worth nothing. */
export function leaseEpoch(): number {
  return lease().epoch;
}

/** Milliseconds for which the lease still holds; 0 without one. */
export function leaseLeft(): number {
  return leaseIsValid() ? lease().until - performance.now() : 0;
}

/**
 * Takes or renews the lease for `length` milliseconds counted from `sentAt` (`performance.now()` before the heartbeat
 * was sent) and `wallSentAt` (`Date.now()` at that moment). If the lease had lapsed, a new epoch begins.
 */
export function takeLease(sentAt: number, wallSentAt: number, length: number): void {
  if (!leaseIsValid()) beginEpoch();
  Object.assign(lease(), {
    until: sentAt + length,
    wallFrom: wallSentAt,
    wallUntil: wallSentAt + length,
  });
}

/** Gives the lease up, at once: from here on every check asks the database. */
export function dropLease(): void {
  lease().until = 0;
  beginEpoch();
}

/** Invalidates everything that is cached, and every read under way. */
export function beginEpoch(): void {
  lease().epoch += 1;
}
