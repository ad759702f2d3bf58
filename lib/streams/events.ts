import "server-only";
import { MOST_STREAMS } from "@/lib/limits";
import { log } from "@/lib/log";
import { observeRevocation } from "@/lib/metrics";
import { type Notification, subscribe } from "@/lib/revocation/notifications";
import { listVersion } from "@/lib/session/list/list-version";
import { listLiveSessions } from "@/lib/session/list/lists";
import { explainEnd } from "@/lib/session/revocation-reason";
import type { Session } from "@/lib/session/session";
import { SECONDS } from "@/lib/time";
import { looked, watchSession } from "./watch";

// Server-sent events (WHATWG HTML, 9.2) for open tabs: `ended` when this session ends, after which the stream ends too,
// and `sessions` when something about the user's sessions has changed. To a page that shows the list, `list` says at the
// beginning which version of it is the latest.

/**
 * Interval of the sign of life, in milliseconds: it keeps proxies from closing a silent connection, and tabs notice a dead
 * one. It is an event because scripts cannot see comments.
 */
const ALIVE_EVERY = 15 * SECONDS;
/** How long a browser waits before it connects again, in milliseconds. */
const RETRY_AFTER = 1 * SECONDS;
/** The same for a stream that had to make room, so that two browsers do not evict each other all the time. */
const RETRY_AFTER_GIVING_WAY = 30 * SECONDS;
/** Streams hear of changes at most this often, in milliseconds; what changes meanwhile comes in one message. */
const TELL_EVERY = 0.1 * SECONDS;
/** Added for each open stream: writing to one costs up to a millisecond, and other requests need their turn. */
const TELL_EVERY_FOR_EACH = 5;

/** Messages that a reader may leave unread. One that reads nothing at all would have the server keep them all. */
const MOST_UNREAD = 64;

const encoder = new TextEncoder();
const message = (event: string, data: unknown) =>
  encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
const retry = (milliseconds: number) => encoder.encode(`retry: ${Math.round(milliseconds)}\n\n`);
const PREAMBLE = retry(RETRY_AFTER);
const ALIVE = message("alive", {});

/**
 * Opens the stream of a live session, which must come from the gate, within the same request. With `tellsList` it begins with
 * the version of the list of sessions, from which on it tells every change: a page that shows this version is up to date.
 */
export function eventStream(
  session: Session,
  { tellsList = false }: { tellsList?: boolean } = {},
): ReadableStream<Uint8Array> {
  let release = () => {};
  let isOpen = true;
  let isTelling = true;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send: Send = (bytes) => {
        if ((controller.desiredSize ?? 0) > -MOST_UNREAD) return controller.enqueue(bytes);
        release();
        // Next cuts the connection, and logs nothing of an error by this name.
        controller.error(new DOMException("The reader of the stream reads nothing.", "AbortError"));
      };
      const alive = setInterval(() => send(ALIVE), ALIVE_EVERY);
      const untell = tellChanges(session.userId, send);
      const unwatch = watchSession(session, () => void finish());
      const giveWay = () => {
        release();
        controller.enqueue(retry(RETRY_AFTER_GIVING_WAY * (0.75 + Math.random() / 2)));
        controller.close();
      };
      const leavePlace = takePlace(session.id, giveWay);
      release = () => {
        isTelling = false;
        clearInterval(alive);
        untell();
        unwatch();
        leavePlace();
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
      if (tellsList)
        void versionFor(session).then(
          (version) => isTelling && controller.enqueue(message("list", { version })),
        );
    },
    cancel() {
      isOpen = false;
      release();
    },
  });
}

/** What the list of sessions looks like now; null when the database cannot say, and the page has to fetch it. */
async function versionFor({ id, userId }: Session): Promise<string | null> {
  try {
    return listVersion((await listLiveSessions(userId, id, new Date())).sessions, id);
  } catch (error) {
    log.error("list_version_not_told", { session: id, error });
    return null;
  }
}

/** How the streams of each session give way, the oldest first. */
const places = new Map<string, Set<() => void>>();

/** Registers a stream of a session; if there are too many, ends the oldest. Returns a function that unregisters it. */
function takePlace(sid: string, giveWay: () => void): () => void {
  const ofSession = places.get(sid) ?? new Set();
  places.set(sid, ofSession.add(giveWay));
  const [oldest] = ofSession;
  if (ofSession.size > MOST_STREAMS) oldest?.();
  return () => {
    ofSession.delete(giveWay);
    if (ofSession.size === 0 && places.get(sid) === ofSession) places.delete(sid);
  };
}

/** What a tab is told of a notification. */
const CHANGES = {
  new: "new",
  seen: "seen",
  changed: "changed",
  ended: "ended",
  deleted: "deleted",
  owner: "user",
  all: "all",
} as const satisfies Record<Notification["kind"], string>;

/** Writes to a stream. */
type Send = (bytes: Uint8Array) => void;
type Channel = { streams: Set<Send>; close: () => void };

/** By user id. */
const channels = new Map<string, Channel>();

/** Tells a stream what changes about its user's sessions. Returns the way to stop. */
function tellChanges(userId: string, send: Send): () => void {
  const channel = channels.get(userId) ?? openChannel(userId);
  channels.set(userId, channel);
  channel.streams.add(send);
  return () => {
    channel.streams.delete(send);
    if (channel.streams.size > 0 || channels.get(userId) !== channel) return;
    channel.close();
    channels.delete(userId);
  };
}

/**
 * Changes are batched: many sessions tend to end together. A stream whose own session has ended must hear of that and of
 * nothing else, so the batch waits until watched sessions have been checked.
 */
function openChannel(userId: string): Channel {
  const streams = new Set<Send>();
  const changes = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let nextAt = 0;
  const tell = async () => {
    await looked();
    timer = undefined;
    nextAt = performance.now() + Math.max(TELL_EVERY, TELL_EVERY_FOR_EACH * streams.size);
    const bytes = Buffer.concat([...changes].map((change) => message("sessions", { change })));
    changes.clear();
    for (const send of streams) send(bytes);
  };
  const unsubscribe = subscribe(userId, ({ kind }) => {
    changes.add(CHANGES[kind]);
    timer ??= setTimeout(() => void tell(), Math.max(0, nextAt - performance.now()));
  });
  const close = () => {
    clearTimeout(timer);
    unsubscribe();
  };
  return { streams, close };
}

/** The stream of a session that has already ended: it says why, and closes. */
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
