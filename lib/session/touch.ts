import "server-only";
import { TOUCH_EVERY } from "@/lib/limits";
import { log } from "@/lib/log";
import { singleton } from "@/lib/singleton";
import { SECONDS } from "@/lib/time";
import { writeTouches } from "./queries";
import type { Session } from "./session";

// "Last seen" is written after the response, at most once a minute for each session, and for many sessions in one statement.

const FLUSH_AFTER = 1 * SECONDS;

type Pending = { seen: Map<string, Date>; timer: ReturnType<typeof setTimeout> | undefined };

const pending = singleton("touches", (): Pending => ({ seen: new Map(), timer: undefined }));

/** Notes that a session is in use. Also moves `lastSeenAt` of `session`, which may be the cached object. */
export function touchSession(session: Session, now: Date): void {
  if (now.getTime() - session.lastSeenAt.getTime() < TOUCH_EVERY) return;
  session.lastSeenAt = now;
  const waiting = pending();
  waiting.seen.set(session.id, now);
  waiting.timer ??= setTimeout(() => void flushTouches(), FLUSH_AFTER);
}

/** Writes the noted touches; the last call comes before the process ends. A failed write is retried with the next. */
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
