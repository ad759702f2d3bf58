import "server-only";
import { log } from "@/lib/log";
import { observeRevocation } from "@/lib/metrics";
import { SECONDS } from "@/lib/time";
import { explainEnd } from "./explain";
import { listen, type News } from "./news";
import type { Session } from "./session";
import { watchSession } from "./watch";

// Server-sent events (WHATWG HTML, 9.2) for open tabs: `ended` when this session ends, after which the stream ends too,
// and `sessions` when something about the user's sessions has changed.

/** A comment this often keeps proxies from closing a silent connection, in milliseconds. */
const COMMENT_EVERY = 15 * SECONDS;
/** How long a browser waits before it connects again, in milliseconds. */
const RETRY_AFTER = 1 * SECONDS;

const encoder = new TextEncoder();
const message = (event: string, data: unknown) =>
  encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
const PREAMBLE = encoder.encode(`retry: ${RETRY_AFTER}\n\n`);
const COMMENT = encoder.encode(":\n\n");

/** The stream of a live session, as the gate gave it within the same request. */
export function eventStream(session: Session): ReadableStream<Uint8Array> {
  let release = () => {};
  let isOpen = true;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const comments = setInterval(() => controller.enqueue(COMMENT), COMMENT_EVERY);
      // Told once for each kind and turn of the event loop: what ends a thousand sessions ends them together.
      const changes = new Set<News["kind"]>();
      const tellChanges = () => {
        for (const change of changes) controller.enqueue(message("sessions", { change }));
        changes.clear();
      };
      const unlisten = listen(session.userId, (news) => {
        const isOwnEnd = "sessionId" in news && news.sessionId === session.id && news.kind === "ended";
        if (isOwnEnd) return;
        if (changes.size === 0) setImmediate(tellChanges);
        changes.add(news.kind);
      });
      const unwatch = watchSession(session, () => void finish());
      release = () => {
        clearInterval(comments);
        unlisten();
        unwatch();
        changes.clear();
      };
      const finish = async () => {
        release();
        const why = await whyEnded(session.id);
        // The reader may have left meanwhile.
        if (!isOpen) return;
        if (why) controller.enqueue(why);
        controller.close();
      };
      controller.enqueue(PREAMBLE);
    },
    cancel() {
      isOpen = false;
      release();
    },
  });
}

/** The stream of a session that has ended already: why, and no more. */
export async function lastWords(sid: string): Promise<ReadableStream<Uint8Array>> {
  const why = await whyEnded(sid);
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (why) controller.enqueue(why);
      controller.close();
    },
  });
}

/** Null when the row says nothing, as when the server stops: the browser then connects again and asks. */
async function whyEnded(sid: string): Promise<Uint8Array | null> {
  try {
    const end = await explainEnd(sid);
    if (!end) return null;
    observeRevocation("tab", (Date.now() - Date.parse(end.at)) / SECONDS);
    return message("ended", end);
  } catch (error) {
    log.error("end_not_told", { session: sid, error });
    return null;
  }
}
