"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { SECONDS } from "@/lib/time";
import { Button } from "./button";
import { Icon } from "./icon";
import { Notice } from "./notice";

const STAYS_FOR = 6 * SECONDS;

/**
 * What an action came to, over the page. A success leaves by itself, though not from under a pointer or the focus; a problem
 * stays. Put it into an element with `role="status"`, and give each message a key of its own.
 */
export function Toast({
  look,
  onClose,
  children,
}: {
  look: "info" | "problem";
  onClose: () => void;
  children: ReactNode;
}) {
  const [isHeld, setHeld] = useState(false);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    if (look === "problem" || isHeld) return;
    const timer = setTimeout(() => close.current(), STAYS_FOR);
    return () => clearTimeout(timer);
  }, [look, isHeld]);
  const hold = () => setHeld(true);
  const release = () => setHeld(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: It only waits while somebody is at it.
    <div
      data-slot="toast"
      className="ui-toast"
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocus={hold}
      onBlur={release}
    >
      <Notice look={look}>
        <div className="flex items-start gap-2">
          <div className="min-w-0 flex-1">{children}</div>
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label="Close this message"
            onClick={onClose}
            className="-my-1.5 -me-2 noscript:hidden"
          >
            <Icon name="x" />
          </Button>
        </div>
      </Notice>
    </div>
  );
}
