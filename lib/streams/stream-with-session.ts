import "server-only";
import type { Session } from "@/lib/session/session";
import { watchSession } from "./watch";

/** The error of a reader whose session ends before the stream does. */
export class SessionEnded extends Error {
  constructor() {
    super("The session ended.");
    this.name = "SessionEnded";
  }
}

/**
 * Ends a long response with its session: `stream` passes through until the session ends, then fails with `SessionEnded`, so
 * that no client takes a part for the whole, and the source is cancelled. `session` must come from the gate,
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
