import { vi } from "vitest";
import { patience } from "../runner/slowness";

// Time limits of tests. What the product promises by the clock is measured by the bench, on a machine that does nothing
// else; here it is tested by the order of events, and a limit only tells an answer from none.

/** What an ending may take beyond the lease of an instance that fell silent, in milliseconds. */
export const BEYOND = 500;

/** What a machine with other work may be late by, in milliseconds. */
const LATE = 5_000;

/** The longest that a promised time may take here, in milliseconds. */
export function within(promised: number): number {
  return patience(promised + LATE);
}

/** Waits until `assertion` passes. Fails with its last failure when the machine had time enough for it. */
export function eventually<T>(assertion: () => T | Promise<T>, interval = 20): Promise<T> {
  return vi.waitFor(assertion, { interval, timeout: patience(15_000) });
}
