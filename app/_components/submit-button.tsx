"use client";

import type { MouseEvent, ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { Button, type Look } from "./button";
import { Spinner } from "./spinner";

/** Submits the form around it once: while that is under way, it says so and does nothing more. */
export function SubmitButton({
  look = "quiet",
  className,
  pending: working,
  children,
}: {
  look?: Look;
  className?: string;
  pending: string;
  children: ReactNode;
}) {
  const { pending } = useFormStatus();
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
          <Spinner /> {working}
        </>
      ) : (
        children
      )}
    </Button>
  );
}
