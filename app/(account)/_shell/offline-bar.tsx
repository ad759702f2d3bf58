"use client";

import { Notice } from "@/app/_components/ui/notice";
import { useOffline } from "./use-offline";

const CLOCK = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Over the page, so that nothing moves: what it shows may be old. */
export function OfflineBar() {
  const since = useOffline();
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-4 bottom-4 z-10 mx-auto w-fit wide:inset-s-62 print:hidden"
    >
      {since && (
        <div data-offline className="rounded-lg shadow-lg">
          <Notice look="warning">
            You’re offline. This page shows what was known at {CLOCK.format(since)}.
          </Notice>
        </div>
      )}
    </div>
  );
}
