"use client";

import {
  type ReactNode,
  type SubmitEvent,
  startTransition,
  useActionState,
  useEffect,
  useLayoutEffect,
  useRef,
} from "react";
import type { FormAction } from "@/app/_components/answered";
import { ProblemNotice } from "@/app/_components/problem-notice";
import type { ButtonVariant } from "@/app/_components/ui/button";
import { FieldErrorsOf } from "@/app/_components/ui/field";
import { Notice } from "@/app/_components/ui/notice";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { useCount } from "@/app/_components/use-count";
import { useWait } from "@/app/_components/use-wait";
import type { FormState } from "./form-state";
import { PasswordAgain } from "./password-again";

type Props<State extends FormState> = {
  /** Made by `inForm`. */
  action: FormAction<State>;
  initial: State;
  submit: string;
  pending: string;
  variant?: ButtonVariant;
  /** Whether step-up was due when the page was rendered. */
  needsPassword?: boolean;
  /** What takes the place of the form once it has done its work; null while it has not. */
  instead?: (state: State) => ReactNode;
  /** The fields; a function of what the form was answered. */
  children?: ReactNode | ((state: State) => ReactNode);
};

/** A form of the account. What was typed outlives a mistake, with a script and without. */
export function AccountForm<State extends FormState>({
  action: send,
  initial,
  submit,
  pending,
  variant = "default",
  needsPassword = false,
  instead,
  children,
}: Props<State>) {
  // React wants to know that a state is no promise, which a type parameter does not say.
  const [latest, action, isPending] = useActionState<State, FormData>(
    send as (last: Awaited<State>, form: FormData) => Promise<State>,
    initial as Awaited<State>,
  );
  const count = useCount(latest);
  const left = useWait(latest.wait, latest);
  // While it is sent again, what was wrong before is old news.
  const state = isPending ? { ...latest, done: null, problem: null, errors: {} } : latest;
  const form = useRef<HTMLFormElement>(null);

  // In the same frame as the message, so that nothing still speaks of what was typed.
  useLayoutEffect(() => {
    if (latest.done) form.current?.reset();
  }, [latest]);

  useEffect(() => {
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    const asked = latest.asksPassword && form.current?.querySelector<HTMLElement>("[name=password]");
    (wrong || asked || null)?.focus();
  }, [latest]);

  // React would empty the form after its action.
  function submitted(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending || left > 0) return;
    const typed = new FormData(event.currentTarget);
    startTransition(() => action(typed));
  }

  const result = instead?.(latest);
  if (result) return result;
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
      <FieldErrorsOf errors={state.errors}>
        {typeof children === "function" ? children(state) : children}
        {(needsPassword || state.asksPassword) && <PasswordAgain of={submit} />}
      </FieldErrorsOf>
      <SubmitButton variant={variant} pending={pending} isPending={isPending} isBlocked={left > 0}>
        {submit}
      </SubmitButton>
    </form>
  );
}
