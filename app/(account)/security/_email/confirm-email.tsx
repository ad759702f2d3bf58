"use client";

import { useActionState } from "react";
import { answered } from "@/app/_components/answered";
import { Notice } from "@/app/_components/ui/notice";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { type EmailState, resend } from "./actions";

const NOTHING_YET: EmailState = { words: "", isProblem: false };
const resendOrTell = answered<EmailState>(resend, (words) => ({ words, isProblem: true }));

/** That the address is not confirmed yet, and another link. */
export function ConfirmEmail() {
  const [state, action] = useActionState(resendOrTell, NOTHING_YET);
  return (
    <form action={action} className="space-y-4">
      <p>Confirm it by the link we sent you: without that, we can’t help you back in.</p>
      <div role="status" className="empty:hidden">
        {state.words && (
          <Notice look={state.isProblem ? "problem" : "info"}>
            <p>{state.words}</p>
          </Notice>
        )}
      </div>
      <SubmitButton variant="outline" pending="Sending…">
        Send another link
      </SubmitButton>
    </form>
  );
}
