"use client";

import { type ReactNode, type SubmitEvent, useEffect, useRef, useState } from "react";
import { ProblemNotice } from "@/app/_components/problem-notice";
import { FieldErrorsOf } from "@/app/_components/ui/field";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { useWait } from "@/app/_components/use-wait";
import { type FormProblem, send } from "./send";

/**
 * A form that posts to a route of the contract. Without a script the browser does it and comes back here with
 * `refused`; with one nothing that was typed is lost, and what was wrong is said on the spot.
 */
export function AuthForm({
  action,
  refused,
  submit,
  pending,
  children,
}: {
  action: "/api/auth/login" | "/api/auth/signup";
  refused: FormProblem | null;
  submit: string;
  pending: string;
  children: ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  const alert = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState(refused);
  const [isSending, setSending] = useState(false);

  useEffect(() => {
    if (!problem) return;
    // Somebody may have been typing before the scripts ran.
    if (problem === refused && form.current?.contains(document.activeElement)) return;
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    (wrong ?? alert.current)?.focus();
  }, [problem, refused]);

  useEffect(() => {
    // The Back button may bring this page back as it was: on its way.
    const again = () => setSending(false);
    window.addEventListener("pageshow", again);
    return () => window.removeEventListener("pageshow", again);
  }, []);

  const isMarked = problem !== null && Object.keys(problem.errors).length > 0;
  const left = useWait(problem?.wait ?? 0, problem);

  async function submitted(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isSending || left > 0) return;
    setSending(true);
    setProblem(null);
    const result = await send(action, event.currentTarget);
    if ("path" in result) return window.location.assign(result.path);
    setProblem(result);
    setSending(false);
  }

  return (
    <form
      ref={form}
      method="post"
      action={action}
      onSubmit={submitted}
      // Our own messages say more than a browser's bubbles, and stay.
      noValidate
      className="mt-6 space-y-5"
    >
      <div role="alert" ref={alert} tabIndex={-1} className="empty:hidden">
        {problem && (
          <ProblemNotice
            title={isMarked ? "Fix the fields marked below." : problem.title}
            wait={problem.wait}
            left={left}
          />
        )}
      </div>
      {/* Says that the probe of proxy.ts must come back, if cookies are not blocked. */}
      <input type="hidden" name="cookies" value="expected" />
      <FieldErrorsOf errors={problem?.errors ?? {}}>{children}</FieldErrorsOf>
      <SubmitButton className="w-full" pending={pending} isPending={isSending} isBlocked={left > 0}>
        {submit}
      </SubmitButton>
    </form>
  );
}
