"use client";

import { useEffect, useRef } from "react";
import { Field, FieldErrorsOf } from "@/app/_components/ui/field";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { useTakeOver } from "@/app/_components/use-take-over";
import { MAX_NAME_LENGTH } from "@/lib/limits";
import { ActionForm, useSessionActions } from "./session-actions";

/** Gives a session a name of its owner's choice. */
export function RenameForm({
  id,
  name,
  customName,
  defaultName,
}: {
  id: string;
  name: string;
  customName: string;
  defaultName: string;
}) {
  const { state } = useSessionActions();
  const details = useRef<HTMLDetailsElement>(null);
  useTakeOver(details, `naming-${id}`);
  const last = state.rename?.id === id ? state.rename : null;
  const problem = last?.problem ?? null;
  const isDone = last !== null && state.said?.isProblem === false;

  useEffect(() => {
    if (!last || !details.current) return;
    if (isDone) details.current.open = false;
    details.current.querySelector<HTMLElement>(isDone ? "summary" : "input[name=name]")?.focus();
  }, [last, isDone]);

  return (
    // Open where a page without a script comes back with something wrong.
    <details ref={details} id={`naming-${id}`} open={problem !== null} className="mt-1">
      <summary
        aria-describedby={`facts-${id}`}
        className="link inline-block rounded-md py-2 text-sm [&::-webkit-details-marker]:hidden"
      >
        Rename
        <span className="sr-only">
          {" "}
          <bdi>{name}</bdi>
        </span>
      </summary>
      <ActionForm intent="rename" id={id} noValidate className="mt-1 max-w-sm pb-1">
        <FieldErrorsOf errors={problem === null ? {} : { name: [problem] }}>
          <Field
            id={`rename-${id}`}
            name="name"
            label="Name"
            hint={
              <>
                Leave it empty to call it <bdi>{defaultName}</bdi>.
              </>
            }
            maxLength={MAX_NAME_LENGTH}
            autoComplete="off"
            defaultValue={last && !isDone ? last.typed : customName}
          />
        </FieldErrorsOf>
        <SubmitButton variant="outline" className="mt-3" pending="Saving…">
          Save the name
        </SubmitButton>
      </ActionForm>
    </details>
  );
}
