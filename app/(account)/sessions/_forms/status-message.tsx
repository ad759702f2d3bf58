"use client";

import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { Notice } from "@/app/_components/ui/notice";
import { useCount } from "@/app/_components/use-count";
import type { ActionState } from "@/app/(account)/sessions/action-state";

/** What the last action came to: announced, and in sight wherever on the page somebody is. */
export function Said({ state }: { state: ActionState }) {
  const [closed, setClosed] = useState<ActionState | null>(null);
  const count = useCount(state);
  const said = state === closed ? null : state.said;

  useEffect(() => {
    // Out from under the message, as far as app/globals.css says: the control that somebody is at by keyboard.
    if (said)
      document
        .querySelector("main :focus-visible:not([tabindex='-1'])")
        ?.scrollIntoView({ block: "nearest" });
  }, [said]);

  function close() {
    setClosed(state);
    // The button goes, and the focus with it, were it not taken somewhere else.
    document.querySelector("h1")?.focus({ preventScroll: true });
  }

  return (
    // As high as its place on the page even when it is empty, and nothing in the way of a click.
    <div role="status" className="said pointer-events-none sticky bottom-4 mt-8 min-h-14">
      {said && (
        <div
          key={count}
          className="pointer-events-auto mx-auto max-h-[calc(50dvh-1rem)] max-w-md overflow-y-auto rounded-lg shadow-lg"
        >
          <Notice look={said.isProblem ? "problem" : "info"}>
            <div className="flex items-start gap-2">
              <p className="min-w-0 flex-1">{said.words}</p>
              <button
                type="button"
                onClick={close}
                aria-label="Close this message"
                className="-my-1.5 -me-2 grid size-9 place-content-center rounded-md text-muted-foreground hover:text-foreground noscript:hidden"
              >
                <X className="size-5" />
              </button>
            </div>
          </Notice>
        </div>
      )}
    </div>
  );
}
