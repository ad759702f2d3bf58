import "server-only";

// Calls that share a run. Not dataloader: it loads by key, and begins the next batch while the last one still runs.

/** Resolves in the next turn of the event loop. */
export const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Gives a function whose calls within one turn of the event loop share one run of `work`, which begins after all of them. */
export function oncePerTurn<T>(work: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | null = null;
  return () => {
    shared ??= nextTurn().then(() => {
      shared = null;
      return work();
    });
    return shared;
  };
}

/**
 * Collects items and passes them to `look` in rounds, one round at a time, so that at most one of its
 * queries is under way, however many items come. The promise resolves after the round of these items, which began after the call.
 * `look` must not reject.
 */
export function inRounds<T>(look: (items: T[]) => Promise<void>): (items: Iterable<T>) => Promise<void> {
  let due = new Set<T>();
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  async function round(before: Promise<void>): Promise<void> {
    await before;
    // What comes in the same turn of the event loop takes part.
    await nextTurn();
    const items = [...due];
    due = new Set();
    next = null;
    await look(items);
  }

  return (items) => {
    for (const item of items) due.add(item);
    if (due.size === 0) return last;
    next ??= last = round(last);
    return next;
  };
}
