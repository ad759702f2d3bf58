import { SECONDS } from "@/lib/time";
import { hide, hideUntilLive, leaveIfEnded } from "./leave";

const CHECK_EVERY = 5 * SECONDS;

/** Asks whether the session still lives whenever somebody comes back to the page. `isConnected`: the stream stands. */
export function watchForReturns(isConnected: () => boolean, signal: AbortSignal): void {
  let checkedAt = performance.now();
  const check = () => {
    if (document.visibilityState !== "visible" || performance.now() - checkedAt < CHECK_EVERY) return;
    checkedAt = performance.now();
    void leaveIfEnded(signal);
  };
  document.addEventListener("visibilitychange", check, { signal });
  window.addEventListener("online", check, { signal });

  // The router shows an earlier page as it was. While the stream is open, we would have heard of an end.
  const wentBack = () => void (isConnected() ? leaveIfEnded(signal) : hideUntilLive(signal));
  window.addEventListener("popstate", wentBack, { signal });

  // The browser's own back/forward cache keeps whole pages: hidden ones, which are then reloaded.
  window.addEventListener("pagehide", ({ persisted }) => persisted && hide(), { signal });
  window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload(), { signal });
}
