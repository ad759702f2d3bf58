"use client";

import { AccountForm } from "@/app/(account)/_forms/account-form";
import { NOTHING_YET } from "@/app/(account)/_forms/form-state";
import { inForm } from "@/app/(account)/_forms/in-form";
import { act } from "./actions";
import type { Act } from "./question";

const actOrTell = inForm(act);

/** Does something to an account, and then leads back to it. */
export function ActForm({
  fields,
  label,
  pending,
  needsPassword,
}: {
  fields: { act: Act; person: string; session?: string | undefined };
  label: string;
  pending: string;
  needsPassword: boolean;
}) {
  return (
    <AccountForm
      action={actOrTell}
      initial={NOTHING_YET}
      submit={label}
      pending={pending}
      variant={fields.act === "enable" ? "default" : "destructive"}
      needsPassword={needsPassword}
    >
      {Object.entries(fields).map(
        ([name, value]) => value && <input key={name} type="hidden" name={name} value={value} />,
      )}
    </AccountForm>
  );
}
