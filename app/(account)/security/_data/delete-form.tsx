"use client";

import { CheckField } from "@/app/_components/ui/field";
import { AccountForm } from "@/app/(account)/_forms/account-form";
import { NOTHING_YET } from "@/app/(account)/_forms/form-state";
import { inForm } from "@/app/(account)/_forms/in-form";
import { deleteAccount } from "./actions";

const deleteOrTell = inForm(deleteAccount);

/** Deletes the account. */
export function DeleteForm({ needsPassword }: { needsPassword: boolean }) {
  return (
    <AccountForm
      action={deleteOrTell}
      initial={NOTHING_YET}
      submit="Delete my account"
      pending="Deleting…"
      variant="destructive"
      needsPassword={needsPassword}
    >
      {({ typed }) => (
        <CheckField
          name="sure"
          label="Delete everything. This can’t be undone."
          isTicked={typed.sure === "on"}
        />
      )}
    </AccountForm>
  );
}
