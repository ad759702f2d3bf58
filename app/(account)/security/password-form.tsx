"use client";

import { type ReactNode, type SubmitEvent, startTransition, useActionState, useEffect, useRef } from "react";
import { answered } from "@/app/_components/answered";
import { ProblemNotice } from "@/app/_components/problem-notice";
import { FieldErrorsOf } from "@/app/_components/ui/field";
import { Notice } from "@/app/_components/ui/notice";
import { PasswordField } from "@/app/_components/ui/password-field";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { useCount } from "@/app/_components/use-count";
import { useWait } from "@/app/_components/use-wait";
import { expectOwnChange } from "@/app/_session/own-change";
import { changePassword, type PasswordState } from "./actions";

const NOTHING_YET: PasswordState = { done: null, problem: null, errors: {}, wait: 0 };
const changeOrTell = answered(changePassword, (problem) => ({ ...NOTHING_YET, problem }));

/** Changes the password. `email` lets password managers know whose it is. */
export function PasswordForm({ email, least, rules }: { email: string; least: number; rules: ReactNode }) {
  const [latest, action, isPending] = useActionState(changeOrTell, NOTHING_YET);
  const count = useCount(latest);
  const left = useWait(latest.wait, latest);
  // While it is sent again, what was wrong before is old news.
  const state = isPending ? NOTHING_YET : latest;
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (latest.done) form.current?.reset();
    if (latest.problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [latest]);

  // React would empty the form after its action; what was typed should outlive a mistake.
  function submitted(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending || left > 0) return;
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
        {state.problem && <ProblemNotice key={count} title={state.problem} wait={state.wait} left={left} />}
      </div>
      <input type="email" name="username" value={email} autoComplete="username" readOnly hidden />
      <FieldErrorsOf errors={state.errors}>
        <PasswordField name="current" label="Current password" autoComplete="current-password" />
        <PasswordField
          name="next"
          label="New password"
          autoComplete="new-password"
          least={least}
          hint={rules}
        />
      </FieldErrorsOf>
      <SubmitButton pending="Changing…" isPending={isPending} isBlocked={left > 0}>
        Change password
      </SubmitButton>
    </form>
  );
}
