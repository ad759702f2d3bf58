import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import { clearExpiredLimits } from "@/lib/account/limit/counters";
import { purgeLinks } from "@/lib/account/link/links";
import { purgePlaces } from "@/lib/account/sign-in/known-places";
import { expireOverdueSessions, purge } from "@/lib/session/expire";
import { RETENTION } from "./limits";
import { log } from "./log";
import { HOURS, MINUTES } from "./time";

// Once an hour, in every instance: rows that another one has in hand are skipped.

const SWEEP_EVERY = 1 * HOURS;

/** What a sweep does, and how many rows each step was about. */
const STEPS = {
  ended: expireOverdueSessions,
  purged: (now: Date) => purge(new Date(now.getTime() - RETENTION)),
  counters: clearExpiredLimits,
  links: purgeLinks,
  places: purgePlaces,
} satisfies Record<string, (now: Date) => Promise<number>>;

/** Sweeps for as long as the process runs. */
export async function sweepForEver(): Promise<void> {
  for (;;) {
    await pause(Math.random() * 5 * MINUTES, undefined, { ref: false });
    await sweep(new Date());
    await pause(SWEEP_EVERY, undefined, { ref: false });
  }
}

/**
 * One sweep: ends what is overdue, deletes what is past its retention, and counters that have run out. A step that fails
 * is logged and keeps no other from being done. Never throws.
 */
export async function sweep(now: Date): Promise<void> {
  const done: Record<string, number> = {};
  for (const [name, step] of Object.entries(STEPS)) {
    try {
      done[name] = await step(now);
    } catch (error) {
      log.error("sweep_step_failed", { step: name, error });
    }
  }
  log.info("swept", done);
}
