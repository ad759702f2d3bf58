"use client";

import type { ReactNode } from "react";
import { PasswordField } from "@/app/_components/ui/password-field";
import { AccountForm } from "@/app/(account)/_forms/account-form";
import { NOTHING_YET } from "@/app/(account)/_forms/form-state";
import { inForm } from "@/app/(account)/_forms/in-form";
import { changePassword } from "./actions";

const changeOrTell = inForm(changePassword);

/** Changes the password. `email` lets password managers know whose it is. */
export function PasswordForm({ email, least, rules }: { email: string; least: number; rules: ReactNode }) {
  return (
    <AccountForm action={changeOrTell} initial={NOTHING_YET} submit="Change password" pending="Changing…">
      <input type="email" name="username" value={email} autoComplete="username" readOnly hidden />
      <PasswordField name="current" label="Current password" autoComplete="current-password" />
      <PasswordField
        name="next"
        label="New password"
        autoComplete="new-password"
        least={least}
        hint={rules}
      />
    </AccountForm>
  );
}
