import { SECONDS } from "@/lib/time";
import { isLive, leaveOrFollow } from "./leave";
import { readMessage, readVersion, type SessionMessage } from "./message";
import { takeTurns } from "./turn";

// One stream per browser, not per tab: with HTTP/1.1 a browser opens six connections to a site, and six tabs would use
// them up. The tab whose turn it is has the stream and hands on what it hears.

const NAME = "latchkey";
const LONGEST_PAUSE = 30 * SECONDS;
/** The server says every 15 seconds that it is there; a stream without that for longer is dead, and opened again. */
const LONGEST_SILENCE = 20 * SECONDS;

type Listener = {
  /** `isHolder`: this tab heard it from the server itself. */
  heard(message: SessionMessage, isHolder: boolean): void;
  /** `latest`: the version of the list of sessions, where a stream that has just been opened told it. */
  connected(isConnected: boolean, latest?: string | null): void;
  /** Whether this tab shows that list. */
  showsList(): boolean;
};

/** Listens until `signal` aborts. */
export function listenToSessions(listener: Listener, signal: AbortSignal): void {
  if (!("BroadcastChannel" in window) || !("locks" in navigator)) {
    openStream(listener, signal);
    return;
  }
  const channel = new BroadcastChannel(NAME);
  signal.addEventListener("abort", () => channel.close());
  // Whether the stream is open, if this tab holds it.
  let stands = false;
  channel.onmessage = ({
    data,
  }: MessageEvent<SessionMessage | { isConnected: boolean } | "who holds it?">) => {
    if (data === "who holds it?") stands && channel.postMessage({ isConnected: true });
    else if ("isConnected" in data) listener.connected(data.isConnected);
    else listener.heard(data, false);
  };
  channel.postMessage("who holds it?");

  const handingOn: Listener = {
    heard(message, isHolder) {
      channel.postMessage(message);
      listener.heard(message, isHolder);
    },
    connected(isConnected, latest) {
      stands = isConnected;
      channel.postMessage({ isConnected });
      listener.connected(isConnected, latest);
    },
    showsList: listener.showsList,
  };
  takeTurns((turn) => {
    // The tab that held the stream before may have been suspended, and may have missed events.
    handingOn.connected(false);
    turn.addEventListener("abort", () => {
      stands = false;
    });
    openStream(handingOn, turn);
  }, signal);
}

function openStream(listener: Listener, signal: AbortSignal, pause = 1 * SECONDS): void {
  if (signal.aborted) return;
  const wantsList = listener.showsList();
  const source = new EventSource(`/api/auth/events${wantsList ? "?list" : ""}`);
  let nextPause = pause;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const hearsServer = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      close();
      signal.removeEventListener("abort", close);
      listener.connected(false);
      openStream(listener, signal);
    }, LONGEST_SILENCE);
  };
  const close = () => {
    clearTimeout(silence);
    source.close();
  };
  signal.addEventListener("abort", close);
  source.addEventListener("alive", hearsServer);

  source.onopen = () => {
    nextPause = 1 * SECONDS;
    hearsServer();
    if (!wantsList) listener.connected(true);
  };
  source.addEventListener("list", ({ data }: MessageEvent<string>) =>
    listener.connected(true, readVersion(data)),
  );
  source.onerror = async () => {
    clearTimeout(silence);
    listener.connected(false);
    // Otherwise the browser reconnects by itself.
    if (source.readyState !== EventSource.CLOSED || signal.aborted) return;
    if ((await isLive()) === false) return leaveOrFollow({}, signal);
    // Spreads out the browsers that reconnect after a restart of the server.
    setTimeout(
      () => openStream(listener, signal, Math.min(nextPause * 2, LONGEST_PAUSE)),
      nextPause * (0.5 + Math.random() / 2),
    );
  };
  for (const type of ["ended", "sessions"] as const) {
    source.addEventListener(type, ({ data }: MessageEvent<string>) => {
      const message = readMessage(type, data);
      if (message) listener.heard(message, true);
    });
  }
}
