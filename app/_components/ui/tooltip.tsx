"use client";

import { clsx } from "clsx/lite";
import {
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
  type SyntheticEvent,
  useId,
  useRef,
} from "react";

/** A button that tells more: under the pointer, with the focus, and at a tap. Escape sends it away; without a script, too. */
export function Tooltip({
  content,
  className,
  children,
  ...button
}: Omit<ComponentProps<"button">, "content" | "type"> & { content: ReactNode }) {
  const id = useId();
  const tip = useRef<HTMLSpanElement>(null);
  const show = ({ currentTarget: source }: SyntheticEvent<HTMLElement>) =>
    tip.current?.matches(":popover-open") === false && tip.current.showPopover({ source });
  const hide = () => tip.current?.matches(":popover-open") && tip.current.hidePopover();
  const leave = (event: KeyboardEvent) => event.key === "Escape" && hide();
  return (
    <>
      <button
        data-slot="tooltip-trigger"
        type="button"
        popoverTarget={id}
        popoverTargetAction="show"
        aria-describedby={id}
        onMouseEnter={show}
        onMouseLeave={hide}
        onFocus={show}
        onBlur={hide}
        onKeyDown={leave}
        className={clsx("rounded-sm", className)}
        {...button}
      >
        {children}
      </button>
      <span
        ref={tip}
        id={id}
        data-slot="tooltip-content"
        role="tooltip"
        popover="auto"
        className="ui-tooltip"
      >
        {content}
      </span>
    </>
  );
}
