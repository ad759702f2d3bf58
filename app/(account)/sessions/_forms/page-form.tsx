"use client";

import { type ReactNode, useActionState } from "react";
import { Notice } from "@/app/_components/ui/notice";
import { type ActionState, NOTHING_YET } from "@/app/(account)/sessions/action-state";
import { actOrTell } from "./perform";

/** A form that is a part of a page, works without a script, and then leads back to the list. */
export function PageForm({
  intent,
  id,
  children,
}: {
  intent: string;
  id?: string | undefined;
  children: (state: ActionState) => ReactNode;
}) {
  const [latest, action, isPending] = useActionState<ActionState, FormData>(actOrTell, NOTHING_YET);
  // While it is sent again, what was wrong before is old news.
  const state = isPending ? withoutProblems(latest) : latest;
  return (
    <form action={action} noValidate className="space-y-4">
      <input type="hidden" name="intent" value={intent} />
      {id && <input type="hidden" name="id" value={id} />}
      <input type="hidden" name="back" value="list" />
      <div role="alert">
        {state.said?.isProblem && (
          <Notice look="problem">
            <p>{state.said.words}</p>
          </Notice>
        )}
      </div>
      {children(state)}
    </form>
  );
}

function withoutProblems({ stepUp, rename, ...state }: ActionState): ActionState {
  return {
    ...state,
    said: null,
    stepUp: stepUp && { ...stepUp, problem: null },
    rename: rename && { ...rename, problem: null },
  };
}
