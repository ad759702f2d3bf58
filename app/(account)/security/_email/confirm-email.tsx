"use client";

import { AccountForm } from "@/app/(account)/_forms/account-form";
import { NOTHING_YET } from "@/app/(account)/_forms/form-state";
import { inForm } from "@/app/(account)/_forms/in-form";
import { resend } from "./actions";

const resendOrTell = inForm(resend);

/** That the address is not confirmed yet, and another link. */
export function ConfirmEmail() {
  return (
    <AccountForm
      action={resendOrTell}
      initial={NOTHING_YET}
      submit="Send another link"
      pending="Sending…"
      variant="outline"
    >
      <p>Confirm it with the link we sent you. Until then, we can’t help you back in.</p>
    </AccountForm>
  );
}
