import "server-only";
import { LRUCache } from "lru-cache";

// What this process knows to have ended. The proxy asks it, before rendering starts: no database here, no Node API. It is
// filled only by what the row said, or was made to say here: news comes unsigned from the database, so a role that may do
// no more than connect could otherwise put anybody out.

type Ended = {
  sessions: LRUCache<string, true>;
  /** Sessions of which an end was heard, while their rows are read. */
  doubts: Map<string, Promise<void>>;
};

// Next bundles the proxy, route handlers and instrumentation apart; globalThis is the one place they share.
const holder = globalThis as typeof globalThis & { latchkeyEnded?: Ended };

function ended(): Ended {
  holder.latchkeyEnded ??= { sessions: new LRUCache({ max: 100_000 }), doubts: new Map() };
  return holder.latchkeyEnded;
}

/** Notes that the row of a session has an end. An end is final. */
export function noteEnded(sid: string): void {
  ended().sessions.set(sid, true);
}

/** Lets `isKnownEnded` wait until the row of a session was read. */
export function noteDoubt(sid: string, settled: Promise<void>): void {
  const { doubts } = ended();
  doubts.set(sid, settled);
  void settled.then(() => {
    if (doubts.get(sid) === settled) doubts.delete(sid);
  });
}

/** Whether this process knows that a session has ended. False says nothing: the process may be new. */
export async function isKnownEnded(sid: string): Promise<boolean> {
  const { sessions, doubts } = ended();
  if (!sessions.has(sid)) await doubts.get(sid);
  return sessions.has(sid);
}

/** How many are known, for the tests. */
export function endedCount(): number {
  return ended().sessions.size;
}
