"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type EndedReason, endedByOthers, toldToDevice } from "@/app/_components/end-words";
import { forgetEmail } from "@/app/(auth)/remembered-email";
import { watchForReturns } from "./checks";
import { hideUntilLive, leave, leaveForNewSession, leaveOrFollow, show } from "./leave";
import { shownVersion, tellConnection } from "./list";
import type { SessionMessage } from "./message";
import { expectOwnChange, isOwnChange } from "./own-change";
import { createRefresher } from "./refresh";
import { listenToSessions } from "./stream";

/** What the login page is told where its visitor has signed out, and not been put out. */
const SIGNED_OUT: Partial<Record<EndedReason, Record<string, string>>> = {
  logout: { signed_out: "1" },
  logout_all: { signed_out: "everywhere" },
};

let wasUnmounted = false;

/** Keeps an open tab honest: it leaves when its session ends, and the list of sessions follows what happens. */
export function SessionWatch() {
  const router = useRouter();
  const [said, setSaid] = useState<{ words: ReactNode; count: number }>({ words: null, count: 0 });
  const latest = useRef(router);
  useLayoutEffect(() => {
    latest.current = router;
  });

  useLayoutEffect(() => {
    const gone = new AbortController();
    // On the first mount the server has just rendered the page. Later the router may show an old copy.
    if (wasUnmounted) void hideUntilLive(gone.signal);
    return () => {
      gone.abort();
      show();
      // Not at once: React's strict mode unmounts for a moment only.
      setTimeout(() => {
        wasUnmounted = true;
      });
    };
  }, []);

  useEffect(() => {
    const gone = new AbortController();
    const { signal } = gone;
    // Somebody has signed in.
    forgetEmail();
    const say = (words: ReactNode) => setSaid(({ count }) => ({ words, count: count + 1 }));
    const refresh = createRefresher(() => latest.current.refresh(), signal);
    let isConnected = false;

    function heard(message: SessionMessage, isHolder: boolean) {
      if (message.type === "ended") {
        const signedOut = SIGNED_OUT[message.reason];
        if (signedOut && isOwnChange()) return leaveOrFollow(signedOut, signal);
        if (message.reason === "replaced") return void leaveForNewSession(signal);
        if (isHolder && endedByOthers(message.reason)) navigator.sendBeacon("/api/auth/receipt");
        say(<>{toldToDevice(message.reason, message.from)}.</>);
        // The answer to the sign-out clears the cookie; without it the login page could not say why.
        return leave(signedOut);
      }
      if (shownVersion() !== null) refresh(message.change);
    }
    function connected(connects: boolean, version: string | null = null) {
      // We heard nothing of what happened between the rendering of the page, or the loss of the stream, and now.
      const shown = shownVersion();
      if (connects && !isConnected && shown !== null && shown !== version) refresh("changed");
      isConnected = connects;
      tellConnection(connects);
    }
    const showsList = () => shownVersion() !== null;
    // Forms that a script handles report their own changes. All others sign out.
    const submitted = (event: SubmitEvent) => !event.defaultPrevented && expectOwnChange();
    document.addEventListener("submit", submitted, { signal });
    listenToSessions({ heard, connected, showsList }, signal);
    watchForReturns(() => isConnected, signal);
    return () => gone.abort();
  }, []);

  return (
    <div aria-live="polite" className="leave-note sr-only">
      {said.words && <p key={said.count}>{said.words}</p>}
    </div>
  );
}
