import { useSyncExternalStore } from "react";

// A browser says "offline" when it has no network at all; a server on the same machine may answer all the same. So it is
// asked.

/** When the server was last in reach, or null while it is. */
let since: Date | null = null;
const listeners = new Set<() => void>();

function tell(moment: Date | null): void {
  since = moment;
  for (const listener of listeners) listener();
}

async function check(): Promise<void> {
  if (navigator.onLine) {
    tell(null);
    return;
  }
  const now = new Date();
  const isReached = await fetch("/api/health/live", { method: "HEAD", cache: "no-store" }).then(
    () => true,
    () => false,
  );
  if (isReached || navigator.onLine) tell(null);
  else if (!since) tell(now);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) {
    window.addEventListener("online", check);
    window.addEventListener("offline", check);
    void check();
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.removeEventListener("online", check);
    window.removeEventListener("offline", check);
  };
}

const moment = () => since;
const unknown = () => null;

/** Since when the server is out of reach, or null. */
export function useOffline(): Date | null {
  return useSyncExternalStore(subscribe, moment, unknown);
}
