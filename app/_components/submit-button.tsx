"use client";

import type { MouseEvent, ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { Button, type Look } from "./button";
import { Spinner } from "./spinner";

/** Submits the form around it once: while that is under way, it says so and does nothing more. */
export function SubmitButton({
  look = "quiet",
  className,
  pending: words,
  isPending,
  children,
}: {
  look?: Look;
  className?: string;
  pending: string;
  /** For forms that a script sends, of which React knows nothing. */
  isPending?: boolean;
  children: ReactNode;
}) {
  const status = useFormStatus();
  const pending = isPending ?? status.pending;
  // Not `disabled`, which would take the focus away.
  const once = (event: MouseEvent) => pending && event.preventDefault();
  return (
    <Button
      type="submit"
      look={look}
      onClick={once}
      aria-disabled={pending || undefined}
      {...(className ? { className } : {})}
    >
      {pending ? (
        <>
          <Spinner /> {words}
        </>
      ) : (
        children
      )}
    </Button>
  );
}
