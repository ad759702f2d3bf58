import "server-only";
import { log } from "@/lib/log";
import { observeRevocation } from "@/lib/metrics";
import { SECONDS } from "@/lib/time";
import { explainEnd } from "./explain";
import { listen, type News } from "./news";
import type { Session } from "./session";
import { looked, watchSession } from "./watch";

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
      const untell = tellChanges(session.userId, controller);
      const unwatch = watchSession(session, () => void finish());
      release = () => {
        clearInterval(comments);
        untell();
        unwatch();
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

type Controller = ReadableStreamDefaultController<Uint8Array>;
type Channel = { streams: Set<Controller>; close: () => void };

/** By user id. */
const channels = new Map<string, Channel>();

/** Tells a stream what changes about its user's sessions. Returns the way to stop. */
function tellChanges(userId: string, stream: Controller): () => void {
  const channel = channels.get(userId) ?? openChannel(userId);
  channels.set(userId, channel);
  channel.streams.add(stream);
  return () => {
    channel.streams.delete(stream);
    if (channel.streams.size > 0 || channels.get(userId) !== channel) return;
    channel.close();
    channels.delete(userId);
  };
}

/**
 * A kind of change is told once in each turn of the event loop: whoever ends many sessions ends them together. A stream
 * whose own session has ended is told that, and nothing else: so the others wait until it was looked at.
 */
function openChannel(userId: string): Channel {
  const streams = new Set<Controller>();
  const changes = new Set<News["kind"]>();
  const tell = async () => {
    await looked();
    for (const change of changes) {
      const bytes = message("sessions", { change });
      for (const stream of streams) stream.enqueue(bytes);
    }
    changes.clear();
  };
  const close = listen(userId, ({ kind }) => {
    if (changes.size === 0) setImmediate(() => void tell());
    changes.add(kind);
  });
  return { streams, close };
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
