"use client";

import { AccountForm } from "@/app/(account)/_forms/account-form";
import { NOTHING_YET } from "@/app/(account)/_forms/form-state";
import { inForm } from "@/app/(account)/_forms/in-form";
import { exportData } from "./actions";

const exportOrTell = inForm(exportData);

/** Downloads what is stored. `page` is where the form stands. */
export function ExportForm({ page }: { page: string }) {
  return (
    <AccountForm
      action={exportOrTell}
      initial={NOTHING_YET}
      submit="Export my data"
      pending="Exporting…"
      variant="outline"
    >
      <input type="hidden" name="page" value={page} />
    </AccountForm>
  );
}
