"use client";

import { clsx } from "clsx/lite";
import type { ComponentProps, MouseEvent, ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { Button } from "./button";
import { Spinner } from "./spinner";

/** Submits the form around it once: while that is under way, it says so and does nothing more. */
export function SubmitButton({
  pending: words,
  isPending,
  isBlocked = false,
  className,
  children,
  ...button
}: Omit<ComponentProps<typeof Button>, "type" | "onClick" | "aria-disabled"> & {
  pending: ReactNode;
  /** For forms that a script sends, of which React knows nothing. */
  isPending?: boolean;
  /** While there is something to wait for. */
  isBlocked?: boolean;
}) {
  const status = useFormStatus();
  const pending = isPending ?? status.pending;
  // Not `disabled`, which would take the focus away. And the second half of a double click may meet another button than
  // the first, when what that one did has moved the page.
  const once = (event: MouseEvent) => (pending || isBlocked || event.detail > 1) && event.preventDefault();
  return (
    <Button
      type="submit"
      onClick={once}
      aria-disabled={pending || isBlocked || undefined}
      className={clsx(isBlocked && "opacity-60", className)}
      {...button}
    >
      {/* One upon the other, so that the button is as wide for both and moves nothing beside it. */}
      <span className="grid items-center justify-items-center *:col-start-1 *:row-start-1">
        <span className={pending ? "invisible" : undefined}>{children}</span>
        <span className={`inline-flex items-center gap-2 ${pending ? "" : "invisible"}`}>
          <Spinner />
          <span>{words}</span>
        </span>
      </span>
    </Button>
  );
}
