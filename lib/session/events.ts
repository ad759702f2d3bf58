import "server-only";
import { log } from "@/lib/log";
import { observeRevocation } from "@/lib/metrics";
import { SECONDS } from "@/lib/time";
import { explainEnd } from "./explain";
import { listen } from "./news";
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
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const comments = setInterval(() => controller.enqueue(COMMENT), COMMENT_EVERY);
      const unlisten = listen(session.userId, (news) => {
        const isOwnEnd = "sessionId" in news && news.sessionId === session.id && news.kind === "ended";
        if (!isOwnEnd) controller.enqueue(message("sessions", { change: news.kind }));
      });
      const unwatch = watchSession(session, () => void finish());
      release = () => {
        clearInterval(comments);
        unlisten();
        unwatch();
      };
      const finish = async () => {
        release();
        await sayWhy(session.id, controller);
        controller.close();
      };
      controller.enqueue(PREAMBLE);
    },
    cancel() {
      release();
    },
  });
}

/** The stream of a session that has ended already: why, and no more. */
export async function lastWords(sid: string): Promise<ReadableStream<Uint8Array>> {
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      await sayWhy(sid, controller);
      controller.close();
    },
  });
}

/** Nothing is said when the row says nothing, as when the server stops: the browser then connects again and asks. */
async function sayWhy(sid: string, controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
  try {
    const end = await explainEnd(sid);
    if (!end) return;
    controller.enqueue(message("ended", end));
    observeRevocation("tab", (Date.now() - Date.parse(end.at)) / SECONDS);
  } catch (error) {
    log.error("end_not_told", { session: sid, error });
  }
}
