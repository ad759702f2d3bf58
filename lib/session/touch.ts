import "server-only";
import { log } from "@/lib/log";
import { SECONDS } from "@/lib/time";
import { SEEN_EVERY } from "./limits";
import type { Session } from "./session";
import { writeSeen } from "./queries";

// "Last seen" is written at most once a minute per session, for many sessions in one statement, after the answers.

const FLUSH_AFTER = 1 * SECONDS;

type Pending = { seen: Map<string, Date>; timer: ReturnType<typeof setTimeout> | undefined };
const holder = globalThis as typeof globalThis & { latchkeySeen?: Pending };

function pending(): Pending {
  holder.latchkeySeen ??= { seen: new Map(), timer: undefined };
  return holder.latchkeySeen;
}

/** Notes that a session is in use. `session` may be the remembered one: its `lastSeenAt` moves along. */
export function noteSeen(session: Session, now: Date): void {
  if (now.getTime() - session.lastSeenAt.getTime() < SEEN_EVERY) return;
  session.lastSeenAt = now;
  const waiting = pending();
  waiting.seen.set(session.id, now);
  waiting.timer ??= setTimeout(() => void flushSeen(), FLUSH_AFTER);
}

/** Writes what was noted; also called last before the process ends. A failed write is tried with the next one. */
export async function flushSeen(): Promise<void> {
  const waiting = pending();
  clearTimeout(waiting.timer);
  waiting.timer = undefined;
  if (waiting.seen.size === 0) return;

  const { seen } = waiting;
  waiting.seen = new Map();
  try {
    await writeSeen(seen);
  } catch (error) {
    for (const [sid, at] of seen) if (!waiting.seen.has(sid)) waiting.seen.set(sid, at);
    log.error("last_seen_not_written", { sessions: seen.size, error });
  }
}
