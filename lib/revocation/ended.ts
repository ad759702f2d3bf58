import "server-only";
import { LRUCache } from "lru-cache";
import { singleton } from "@/lib/singleton";

// What this process knows to have ended. The proxy asks it before rendering starts: no database here, no Node API. Only a
// row fills it, never a notification: those are unsigned, so a role that may do no more than connect could otherwise put
// anybody out.

type Ended = {
  ids: LRUCache<string, true>;
  /** Ids of which an end was heard, while their rows are read. */
  doubts: Map<string, Promise<void>>;
};

const ended = singleton("ended", (): Ended => ({ ids: new LRUCache({ max: 100_000 }), doubts: new Map() }));

/** Notes that a row has an end. An end is final. */
export function noteEnded(id: string): void {
  ended().ids.set(id, true);
}

/** Lets `isKnownEnded` wait until the row was read. */
export function noteDoubt(id: string, settled: Promise<void>): void {
  const { doubts } = ended();
  doubts.set(id, settled);
  void settled.then(() => {
    if (doubts.get(id) === settled) doubts.delete(id);
  });
}

/** Whether this process knows that an id has ended. False says nothing: the process may be new. */
export async function isKnownEnded(id: string): Promise<boolean> {
  const { ids, doubts } = ended();
  if (!ids.has(id)) await doubts.get(id);
  return ids.has(id);
}

/** How many are known, for the tests. */
export function endedCount(): number {
  return ended().ids.size;
}
