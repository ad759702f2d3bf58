import { useEffect, useSyncExternalStore } from "react";

// What the page of devices and the watch of the session, which share no parent, tell each other.

/** Whether news of sessions can come in: not known yet, yes, or no more. */
export type Connection = "unknown" | "live" | "lost";

let connection: Connection = "unknown";
const listeners = new Set<() => void>();

/** Call when the stream of news begins to stand, or breaks. */
export function tellConnection(stands: boolean): void {
  // Until it has been open once, it is merely not there yet.
  if (!stands && connection === "unknown") return;
  connection = stands ? "live" : "lost";
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether what the page shows is kept up to date. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    subscribe,
    () => connection,
    () => "unknown",
  );
}

let shown: string | null = null;

/** The version of the list of sessions that this page shows, or null where it shows none. */
export const shownVersion = () => shown;

/** Call with the version of the list that the page shows. */
export function useShownVersion(version: string): void {
  useEffect(() => {
    shown = version;
    return () => {
      shown = null;
    };
  }, [version]);
}
