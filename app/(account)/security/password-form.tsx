"use client";

import { type ReactNode, useActionState, useEffect, useRef } from "react";
import { FieldErrorsOf } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { PasswordField } from "@/app/_components/password-field";
import { expectOwnChange } from "@/app/_components/session-refresh";
import { SubmitButton } from "@/app/_components/submit-button";
import { changePassword } from "./actions";

/** Changes the password. `email` lets password managers know whose it is. */
export function PasswordForm({ email, rules }: { email: string; rules: ReactNode }) {
  const [state, action] = useActionState(changePassword, { done: null, problem: null, errors: {} });
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (state.problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [state]);

  return (
    <form
      ref={form}
      action={action}
      onSubmit={expectOwnChange}
      noValidate
      className="mt-4 max-w-md space-y-5"
    >
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
      <SubmitButton look="primary" pending="Changing…">
        Change the password
      </SubmitButton>
    </form>
  );
}
