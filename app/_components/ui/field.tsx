"use client";

import { type ComponentProps, createContext, type ReactNode, use, useRef } from "react";
import { useTakeOver } from "@/app/_components/use-take-over";
import type { FieldErrors } from "@/lib/errors";
import { Checkbox } from "./checkbox";
import { Input } from "./input";

const Errors = createContext<FieldErrors>({});

/** What is wrong with the fields inside, by name. */
export function FieldErrorsOf({ errors, children }: { errors: FieldErrors; children: ReactNode }) {
  return <Errors value={errors}>{children}</Errors>;
}

/**
 * A labelled input with its hint and what is wrong with it. `beside` stands at the end of the input, `aside` at the end of the
 * line of its label.
 */
export function Field({
  name,
  label,
  hint,
  beside,
  aside,
  id = name,
  ...input
}: ComponentProps<"input"> & {
  name: string;
  label: string;
  hint?: ReactNode;
  beside?: ReactNode;
  aside?: ReactNode;
}) {
  const field = useRef<HTMLInputElement>(null);
  useTakeOver(field, id);
  const messages = use(Errors)[name] ?? [];
  const isWrong = messages.length > 0;
  const describedBy = [hint && `${id}-hint`, isWrong && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="ui-label">
          {label}
        </label>
        {aside}
      </div>
      <div className="relative">
        <Input
          ref={field}
          id={id}
          name={name}
          aria-invalid={isWrong || undefined}
          aria-describedby={describedBy || undefined}
          className={beside ? "pe-12 noscript:pe-3" : undefined}
          {...input}
        />
        {beside}
      </div>
      {isWrong && (
        <p id={`${id}-error`} className="mt-1.5 font-medium text-destructive text-sm">
          {messages.join(" ")}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="mt-1.5 text-sm text-muted-foreground">
          {hint}
        </p>
      )}
    </div>
  );
}

/** A box to tick, with its label and what is wrong with it. */
export function CheckField({
  name,
  label,
  isTicked = false,
  id = name,
}: {
  name: string;
  label: ReactNode;
  isTicked?: boolean;
  id?: string;
}) {
  const box = useRef<HTMLInputElement>(null);
  useTakeOver(box, id);
  const messages = use(Errors)[name] ?? [];
  const isWrong = messages.length > 0;
  return (
    <div>
      <div className="flex gap-3">
        <Checkbox
          ref={box}
          id={id}
          name={name}
          value="on"
          defaultChecked={isTicked}
          aria-invalid={isWrong || undefined}
          aria-describedby={isWrong ? `${id}-error` : undefined}
          className="mt-px"
        />
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
      </div>
      {isWrong && (
        <p id={`${id}-error`} className="mt-1.5 font-medium text-destructive text-sm">
          {messages.join(" ")}
        </p>
      )}
    </div>
  );
}
