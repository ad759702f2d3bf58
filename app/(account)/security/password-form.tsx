"use client";

import { type ReactNode, type SubmitEvent, startTransition, useActionState, useEffect, useRef } from "react";
import { FieldErrorsOf } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { PasswordField } from "@/app/_components/password-field";
import { expectOwnChange } from "@/app/_components/session-refresh";
import { SubmitButton } from "@/app/_components/submit-button";
import { changePassword } from "./actions";

/** Changes the password. `email` lets password managers know whose it is. */
export function PasswordForm({ email, rules }: { email: string; rules: ReactNode }) {
  const [state, action, isPending] = useActionState(changePassword, {
    done: null,
    problem: null,
    errors: {},
  });
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
    <form ref={form} action={action} onSubmit={submitted} noValidate className="mt-4 max-w-md space-y-5">
      <div role="status" className="empty:hidden">
        {state.done && <Notice look="info">{state.done}</Notice>}
      </div>
      <div role="alert" className="empty:hidden">
        {state.problem && <Notice look="problem">{state.problem}</Notice>}
      </div>
      <input type="email" name="username" value={email} autoComplete="username" readOnly hidden />
      <FieldErrorsOf errors={state.errors}>
        <PasswordField name="current" label="Current password" autoComplete="current-password" />
        <PasswordField name="next" label="New password" autoComplete="new-password" hint={rules} />
      </FieldErrorsOf>
      <SubmitButton look="primary" pending="Changing…" isPending={isPending}>
        Change the password
      </SubmitButton>
    </form>
  );
}
