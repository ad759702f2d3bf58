import { SECONDS } from "@/lib/time";

const OWN_CHANGE_WITHIN = 3 * SECONDS;

let changedAt = Number.NEGATIVE_INFINITY;

/** Call when this tab changes something about sessions: it says itself what it did. */
export function expectOwnChange(): void {
  changedAt = performance.now();
}

/** Whether an event tells of what this tab has just done itself. */
export function isOwnChange(): boolean {
  return performance.now() - changedAt < OWN_CHANGE_WITHIN;
}
