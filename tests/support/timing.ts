import { monitorEventLoopDelay } from "node:perf_hooks";
import { beforeEach } from "vitest";

/** What an ending may take beyond the lease of an instance that fell silent, in milliseconds. */
export const BEYOND = 500;

const delays = monitorEventLoopDelay({ resolution: 10 });

/** Measures, for each test of a file, how late this machine is. */
export function measureDelays(): void {
  delays.enable();
  beforeEach(() => delays.reset());
}

/**
 * A promised time with what this machine is late by: other tests run meanwhile, and processes that get no processor
 * keep no promise.
 */
export function within(promised: number): number {
  const latest = delays.max / 1e6;
  return promised + (latest > 50 ? 4 * latest : 0);
}
