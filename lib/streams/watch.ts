import "server-only";
import { inRounds } from "@/lib/batch";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { leaseEpoch, leaseIsValid } from "@/lib/revocation/lease";
import { EVERYBODY, type Notification, subscribe } from "@/lib/revocation/notifications";
import { whichEnded } from "@/lib/session/queries";
import type { Session } from "@/lib/session/session";
import { singleton } from "@/lib/singleton";
import { SECONDS } from "@/lib/time";

// Ends long-lived responses with their session. A notification makes it look at once; a round over all watched sessions does it when none can come, and for sessions that run out of time. The row decides.

/** Without a notification about them, watched sessions are looked up this often, in milliseconds. */
const LOOK_EVERY = 30 * SECONDS;
/** Sessions of which nothing was known for this long, in milliseconds, count as ended: nothing is guessed. */
const LONGEST_UNKNOWN = 10 * SECONDS;
/** Sessions that are looked up by one query. */
const MOST_TOGETHER = 5_000;

/** What a session may have ended by. */
const LOOKS = new Set<Notification["kind"]>(["ended", "deleted", "changed"]);

type Watched = { userId: string; ends: Set<() => void> };
type Watch = {
  /** By session id. */
  sessions: Map<string, Watched>;
  /** Looks sessions up and ends the watches of those that are not live. One for all bundles, so that it can be awaited. */
  look: (sids: Iterable<string>) => Promise<void>;
  /** Ends the round and the listening; undefined while nothing is watched. */
  rest: (() => void) | undefined;
  /** When all sessions were last looked up, and in which epoch of the lease. */
  lookedAt: number;
  epoch: number;
  /** The last moment at which no notification can have been missed. */
  sureAt: number;
  /** The process is about to end. */
  over: boolean;
};

const watch = singleton(
  "watch",
  (): Watch => ({
    sessions: new Map(),
    look: inRounds(lookUp),
    rest: undefined,
    lookedAt: 0,
    epoch: -1,
    sureAt: 0,
    over: false,
  }),
);

/** Counts the responses that are tied to a session, for the metrics. */
export function watchedSessions(): number {
  return [...watch().sessions.values()].reduce((sum, { ends }) => sum + ends.size, 0);
}

/**
 * Calls `onEnd` once when the session ends, for any reason and in any instance. Returns a function that stops watching.
 * `session` must come from the gate, within the same request.
 */
export function watchSession({ id, userId }: Session, onEnd: () => void): () => void {
  const state = watch();
  const watched = state.sessions.get(id) ?? { userId, ends: new Set() };
  const stop = () => {
    watched.ends.delete(end);
    if (watched.ends.size > 0 || state.sessions.get(id) !== watched) return;
    state.sessions.delete(id);
    if (state.sessions.size === 0) state.rest?.();
  };
  const end = () => {
    if (!watched.ends.has(end)) return;
    stop();
    onEnd();
  };

  watched.ends.add(end);
  state.sessions.set(id, watched);
  state.rest ??= begin();
  // A server that stops finishes what is in flight: a stream that begins now must not be waited for.
  if (state.over) setImmediate(end);
  // The session was live when the gate looked; a notification between then and now went by unheard.
  void look([id]);
  return stop;
}

/** Whether this process is about to end, so that no stream should begin. */
export function watchingIsOver(): boolean {
  return watch().over;
}

/** Ends every watch, and those to come, as if their sessions had ended; for the end of the process. */
export function endWatching(): void {
  watch().over = true;
  endAll();
}

function endAll(): void {
  for (const sid of [...watch().sessions.keys()]) endOf(sid);
}

function endOf(sid: string): void {
  for (const end of [...(watch().sessions.get(sid)?.ends ?? [])]) end();
}

function begin(): () => void {
  const state = watch();
  state.lookedAt = state.sureAt = performance.now();
  const unsubscribe = subscribe(EVERYBODY, hear);
  const timer = setInterval(lookIfNeeded, env().lease / 2);
  return () => {
    unsubscribe();
    clearInterval(timer);
    state.rest = undefined;
  };
}

/** Resolves when the queries under way are done: every watch whose session had ended by then has been called. */
export function looked(): Promise<void> {
  return look([]);
}

function hear(notification: Notification): void {
  const { sessions } = watch();
  if (notification.kind === "all") void look(sessions.keys());
  else if (notification.kind === "owner") void look(sessionsOf(notification.owner));
  else if (LOOKS.has(notification.kind) && sessions.has(notification.id)) void look([notification.id]);
}

function sessionsOf(userId: string): string[] {
  return [...watch().sessions].filter(([, watched]) => watched.userId === userId).map(([sid]) => sid);
}

function lookIfNeeded(): void {
  const state = watch();
  const hearsEverything = leaseIsValid() && leaseEpoch() === state.epoch;
  if (hearsEverything) state.sureAt = performance.now();
  if (!hearsEverything || performance.now() - state.lookedAt >= LOOK_EVERY) void look(state.sessions.keys());
}

const look = (sids: Iterable<string>) => watch().look(sids);

async function lookUp(due: string[]): Promise<void> {
  const state = watch();
  const wanted = new Set(due);
  const isEverybody = [...state.sessions.keys()].every((sid) => wanted.has(sid));
  const epoch = leaseEpoch();
  try {
    for (let from = 0; from < due.length; from += MOST_TOGETHER) {
      const ended = await whichEnded(due.slice(from, from + MOST_TOGETHER), new Date());
      for (const sid of ended) endOf(sid);
    }
    if (!isEverybody) return;
    state.lookedAt = state.sureAt = performance.now();
    state.epoch = epoch;
  } catch (error) {
    log.error("watched_sessions_not_looked_up", { sessions: due.length, error });
    // Among them may be new ones, whose notifications went by unheard: soon again.
    state.epoch = -1;
    if (performance.now() - state.sureAt > LONGEST_UNKNOWN) endAll();
  }
}
