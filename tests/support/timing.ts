import { availableParallelism, loadavg } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { beforeEach } from "vitest";

/** What an ending may take beyond the lease of an instance that fell silent, in milliseconds. */
export const BEYOND = 500;

/** What a machine that has more to do than it can may be late by. */
const BUSY = 4_000;

const delays = monitorEventLoopDelay({ resolution: 10 });

/** Measures, for each test of a file, how late this machine is. */
export function measureDelays(): void {
  delays.enable();
  beforeEach(() => delays.reset());
}

/**
 * A promised time, on a machine that is quiet. On one that is not, processes that get no processor keep no promise:
 * there it only tells an answer from none.
 */
export function within(promised: number): number {
  const [load = 0] = loadavg();
  const isBusy = load > availableParallelism() || delays.max / 1e6 > 100;
  return promised + (isBusy ? BUSY : 0);
}
