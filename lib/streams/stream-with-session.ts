import "server-only";
import type { Session } from "@/lib/session/session";
import { watchSession } from "./watch";

/** What a reader of a tied stream gets when the session ends before the stream does. */
export class SessionEnded extends Error {
  constructor() {
    super("The session ended.");
    this.name = "SessionEnded";
  }
}

/**
 * Ends a long answer with its session: `stream` passes through until the session ends, then fails with `SessionEnded`,
 * so that no client takes a torso for the whole, and the source is cancelled. `session` must come from the gate,
 * within the same request.
 */
export function streamWithSession<T>(stream: ReadableStream<T>, session: Session): ReadableStream<T> {
  const controller = new AbortController();
  const release = watchSession(session, () => controller.abort(new SessionEnded()));
  const passage = new TransformStream<T, T>();
  stream
    .pipeTo(passage.writable, { signal: controller.signal })
    .catch(() => {})
    .finally(release);
  return passage.readable;
}
