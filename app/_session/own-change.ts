import { SECONDS } from "@/lib/time";

/** The event of a change may come after its answer: by so much at most. */
const OWN_CHANGE_WITHIN = 3 * SECONDS;

let inProgress = 0;
let changedAt = Number.NEGATIVE_INFINITY;

/** Makes a change about sessions from this tab, which says itself what it did. */
export async function ownChange<T>(change: () => Promise<T>): Promise<T> {
  inProgress += 1;
  try {
    return await change();
  } finally {
    inProgress -= 1;
    expectOwnChange();
  }
}

/** The same for a form that the browser sends by itself. */
export function expectOwnChange(): void {
  changedAt = performance.now();
}

/** Whether an event tells of what this tab does, or has just done, itself. */
export function isOwnChange(): boolean {
  return inProgress > 0 || performance.now() - changedAt < OWN_CHANGE_WITHIN;
}
