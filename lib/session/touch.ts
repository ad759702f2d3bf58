import "server-only";
import { TOUCH_EVERY } from "@/lib/limits";
import { log } from "@/lib/log";
import { singleton } from "@/lib/singleton";
import { SECONDS } from "@/lib/time";
import { writeTouches } from "./queries";
import type { Session } from "./session";

// "Last seen" is written at most once a minute per session, for many sessions in one statement, after the answers.

const FLUSH_AFTER = 1 * SECONDS;

type Pending = { seen: Map<string, Date>; timer: ReturnType<typeof setTimeout> | undefined };

const pending = singleton("touches", (): Pending => ({ seen: new Map(), timer: undefined }));

/** Notes that a session is in use. `session` may be the cached one: its `lastSeenAt` moves along. */
export function touchSession(session: Session, now: Date): void {
  if (now.getTime() - session.lastSeenAt.getTime() < TOUCH_EVERY) return;
  session.lastSeenAt = now;
  const waiting = pending();
  waiting.seen.set(session.id, now);
  waiting.timer ??= setTimeout(() => void flushTouches(), FLUSH_AFTER);
}

/** Writes what was noted; also called last before the process ends. A failed write is tried with the next one. */
export async function flushTouches(): Promise<void> {
  const waiting = pending();
  clearTimeout(waiting.timer);
  waiting.timer = undefined;
  if (waiting.seen.size === 0) return;

  const { seen } = waiting;
  waiting.seen = new Map();
  try {
    await writeTouches(seen);
  } catch (error) {
    for (const [sid, at] of seen) if (!waiting.seen.has(sid)) waiting.seen.set(sid, at);
    log.error("last_seen_not_written", { sessions: seen.size, error });
  }
}
