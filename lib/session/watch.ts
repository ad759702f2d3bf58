import "server-only";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { SECONDS } from "@/lib/time";
import { leaseEpoch, leaseIsValid } from "./memory";
import { listen } from "./news";
import type { Session } from "./session";
import { whichEnded } from "./store";

// Tells whoever answers for longer than a moment that the session of the answer has ended. News does it at once; a
// round over all watched sessions in one query does it when no news can come, and for sessions that run out of time.

/** Without news about them, watched sessions are looked up this often, in milliseconds. */
const LOOK_EVERY = 30 * SECONDS;
/** A session that could not be looked up for this long, in milliseconds, counts as ended: nothing is guessed. */
const LONGEST_UNKNOWN = 10 * SECONDS;

type Watcher = { session: Session; onEnd: () => void };
type Watch = {
  watchers: Set<Watcher>;
  timer: ReturnType<typeof setInterval> | undefined;
  lookedAt: number;
  epoch: number;
  looking: boolean;
  /** The process is about to end. */
  over: boolean;
};

const holder = globalThis as typeof globalThis & { latchkeyWatch?: Watch };

function watch(): Watch {
  holder.latchkeyWatch ??= {
    watchers: new Set(),
    timer: undefined,
    lookedAt: performance.now(),
    epoch: -1,
    looking: false,
    over: false,
  };
  return holder.latchkeyWatch;
}

/** How many sessions are being watched, for the metrics. */
export function watchedSessions(): number {
  return watch().watchers.size;
}

/**
 * Calls `onEnd` once when the session ends, for whatever reason, wherever it was ended. Returns the way to stop.
 * `session` must come from the gate, within the same request.
 */
export function watchSession(session: Session, onEnd: () => void): () => void {
  const { watchers } = watch();
  const watcher: Watcher = { session, onEnd: () => end() };
  const unlisten = listen(session.userId, (news) => {
    if ((news.kind === "ended" || news.kind === "deleted") && news.sessionId === session.id) end();
    // A disabled user, a changed row, lost news: the row knows.
    if (news.kind === "user" || news.kind === "all") void look();
    if (news.kind === "changed" && news.sessionId === session.id) void look();
  });
  const stop = () => {
    unlisten();
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(watch().timer);
    watch().timer = undefined;
  };
  const end = () => {
    if (!watchers.has(watcher)) return;
    stop();
    onEnd();
  };

  watchers.add(watcher);
  const state = watch();
  if (!state.timer) {
    state.timer = setInterval(() => void lookIfNeeded(), env().lease / 2);
    state.lookedAt = performance.now();
  }
  // A server that stops finishes what is in flight: a stream that begins now must not be waited for.
  if (state.over) setImmediate(watcher.onEnd);
  // The session was live when the gate looked; news between then and now went by unheard.
  void look();
  return stop;
}

/** Whether this process is about to end, so that no stream should begin. */
export function watchingIsOver(): boolean {
  return watch().over;
}

/** Ends every watch, and those to come, as if their sessions had ended; for the end of the process. */
export function endWatching(): void {
  watch().over = true;
  endAllWatches();
}

function endAllWatches(): void {
  for (const watcher of [...watch().watchers]) watcher.onEnd();
}

async function lookIfNeeded(): Promise<void> {
  const { lookedAt, epoch } = watch();
  const newsIsComplete = leaseIsValid() && leaseEpoch() === epoch;
  if (!newsIsComplete || performance.now() - lookedAt >= LOOK_EVERY) await look();
}

async function look(): Promise<void> {
  const state = watch();
  if (state.looking || state.watchers.size === 0) return;
  state.looking = true;
  // Calls of one turn share the look that follows it.
  await new Promise((resolve) => setImmediate(resolve));
  const watchers = [...state.watchers];
  const epoch = leaseEpoch();
  state.looking = false;
  try {
    const ended = new Set(
      await whichEnded([...new Set(watchers.map(({ session }) => session.id))], new Date()),
    );
    state.lookedAt = performance.now();
    state.epoch = epoch;
    for (const watcher of watchers) if (ended.has(watcher.session.id)) watcher.onEnd();
  } catch (error) {
    log.error("watched_sessions_not_looked_up", { sessions: watchers.length, error });
    // Among them may be new ones, whose news went by unheard: soon again.
    state.epoch = -1;
    if (performance.now() - state.lookedAt > LONGEST_UNKNOWN) endAllWatches();
  }
}
