"use client";

import { type ReactNode, type SubmitEvent, startTransition, useActionState, useEffect, useRef } from "react";
import { answered } from "@/app/_components/answered";
import { FieldErrorsOf } from "@/app/_components/ui/field";
import { Notice } from "@/app/_components/ui/notice";
import { PasswordField } from "@/app/_components/ui/password-field";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { useCount } from "@/app/_components/use-count";
import { expectOwnChange } from "@/app/_session/own-change";
import { changePassword, type PasswordState } from "./actions";

const NOTHING_YET: PasswordState = { done: null, problem: null, errors: {} };
const changeOrTell = answered(changePassword, (problem) => ({ ...NOTHING_YET, problem }));

/** Changes the password. `email` lets password managers know whose it is. */
export function PasswordForm({ email, rules }: { email: string; rules: ReactNode }) {
  const [state, action, isPending] = useActionState(changeOrTell, NOTHING_YET);
  const count = useCount(state);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (state.done) form.current?.reset();
    if (state.problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [state]);

  // React would empty the form after its action; what was typed should outlive a mistake.
  function submitted(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending) return;
    expectOwnChange();
    const typed = new FormData(event.currentTarget);
    startTransition(() => action(typed));
  }

  return (
    <form ref={form} action={action} onSubmit={submitted} noValidate className="max-w-md space-y-5">
      {/* Not hidden while they are empty, but without room: what comes into them is announced the first time, too. */}
      <div role="status" className="empty:my-0">
        {state.done && (
          <Notice key={count} look="info">
            {state.done}
          </Notice>
        )}
      </div>
      <div role="alert" className="empty:my-0">
        {state.problem && (
          <Notice key={count} look="problem">
            {state.problem}
          </Notice>
        )}
      </div>
      <input type="email" name="username" value={email} autoComplete="username" readOnly hidden />
      <FieldErrorsOf errors={state.errors}>
        <PasswordField name="current" label="Current password" autoComplete="current-password" />
        <PasswordField name="next" label="New password" autoComplete="new-password" hint={rules} />
      </FieldErrorsOf>
      <SubmitButton pending="Changing…" isPending={isPending}>
        Change the password
      </SubmitButton>
    </form>
  );
}
