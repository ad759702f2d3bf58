"use client";

import { Field } from "@/app/_components/ui/field";
import { AccountForm } from "@/app/(account)/_forms/account-form";
import { NOTHING_YET } from "@/app/(account)/_forms/form-state";
import { inForm } from "@/app/(account)/_forms/in-form";
import { changeEmail } from "./actions";

const changeOrTell = inForm(changeEmail);

/** Asks for another address of the account. */
export function ChangeEmail() {
  return (
    <AccountForm action={changeOrTell} initial={NOTHING_YET} submit="Send link" pending="Sending…">
      {({ typed }) => (
        <Field
          name="email"
          id="new-email"
          label="New email"
          type="email"
          autoComplete="email"
          defaultValue={typed.email}
          hint="We send a link there, and a note to your current email. Nothing changes before you open the link."
        />
      )}
    </AccountForm>
  );
}
