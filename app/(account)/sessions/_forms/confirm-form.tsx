"use client";

import { type SubmitEvent, useId, useRef } from "react";
import { Button } from "@/app/_components/ui/button";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { ActionForm } from "./session-actions";

/** A form that asks before it acts. Without a script it just acts: its label says what it does. */
export function ConfirmForm({
  intent,
  label,
  pending,
  question,
  consequence,
}: {
  intent: string;
  label: string;
  pending: string;
  question: string;
  consequence: string;
}) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  function submitted(event: SubmitEvent<HTMLFormElement>) {
    if (dialog.current?.open) {
      dialog.current.close();
      return;
    }
    event.preventDefault();
    dialog.current?.showModal();
  }

  return (
    <ActionForm intent={intent} onSubmit={submitted}>
      <SubmitButton variant="destructive-outline" pending={pending}>
        {label}
      </SubmitButton>
      <dialog
        ref={dialog}
        aria-labelledby={`${id}-question`}
        aria-describedby={`${id}-consequence`}
        className="m-auto w-[calc(100%-2rem)] max-w-sm rounded-xl border border-border bg-card p-6 text-foreground"
      >
        <h2 id={`${id}-question`} className="font-semibold text-xl">
          {question}
        </h2>
        <p id={`${id}-consequence`} className="mt-2 text-muted-foreground">
          {consequence}
        </p>
        <div className="mt-6 flex flex-wrap justify-end gap-3">
          <Button variant="outline" onClick={() => dialog.current?.close()}>
            Cancel
          </Button>
          <Button type="submit" variant="destructive">
            {label}
          </Button>
        </div>
      </dialog>
    </ActionForm>
  );
}
