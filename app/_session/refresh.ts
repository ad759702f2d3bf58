import { ACTIVE_WITHIN } from "@/lib/limits";
import { SECONDS } from "@/lib/time";
import { isLive } from "./leave";
import type { SessionMessage } from "./message";

type Change = Extract<SessionMessage, { type: "sessions" }>["change"];

const TOGETHER = 100;
const TRY_AGAIN_AFTER = 2 * SECONDS;

/** Refreshes a list of sessions when they change: several changes at once, and only where somebody can see it. */
export function createRefresher(refresh: () => void, signal: AbortSignal): (change: Change) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;
  let usedAt = performance.now();

  const used = () => {
    usedAt = performance.now();
  };
  window.addEventListener("pointerdown", used, { signal });
  window.addEventListener("keydown", used, { signal });
  document.addEventListener(
    "visibilitychange",
    () => {
      if (isStale && document.visibilityState === "visible") soon();
    },
    { signal },
  );
  signal.addEventListener("abort", () => clearTimeout(timer));

  function soon(pause = TOGETHER) {
    isStale = false;
    timer ??= setTimeout(async () => {
      timer = undefined;
      // From a server that does not answer, the router would lead to an error page of the browser; from one that has
      // just got a new password, while the new cookie is still on its way, to the login page.
      const live = await isLive();
      if (signal.aborted) return;
      if (live) refresh();
      else soon(TRY_AGAIN_AFTER);
    }, pause);
  }

  return (change) => {
    // A refresh counts as use. Two hidden tabs that tell each other of being seen would keep both
    // sessions alive for ever.
    if (change === "seen" && performance.now() - usedAt > ACTIVE_WITHIN) return;
    if (document.visibilityState === "visible") soon();
    else isStale = true;
  };
}
