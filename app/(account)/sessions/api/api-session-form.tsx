"use client";

import { useRef } from "react";
import { Field } from "@/app/_components/ui/field";
import { Select } from "@/app/_components/ui/select";
import { useTakeOver } from "@/app/_components/use-take-over";
import { AccountForm } from "@/app/(account)/_forms/account-form";
import { NOTHING_YET } from "@/app/(account)/_forms/form-state";
import { inForm } from "@/app/(account)/_forms/in-form";
import { MAX_NAME_LENGTH } from "@/lib/limits";
import { type ApiSessionState, makeSession } from "./actions";
import { LIFETIMES, USUAL_LIFETIME } from "./lifetimes";
import { NewToken } from "./new-token";

const makeOrTell = inForm(makeSession);

/** Asks what the session is for, and then shows its token: the one time that anybody sees it. */
export function ApiSessionForm({
  needsPassword,
  ...page
}: {
  needsPassword: boolean;
  origin: string;
  locale: string;
}) {
  const days = useRef<HTMLSelectElement>(null);
  useTakeOver(days, "days");
  return (
    <AccountForm<ApiSessionState>
      action={makeOrTell}
      initial={NOTHING_YET}
      submit="Create API session"
      pending="Creating…"
      needsPassword={needsPassword}
      instead={({ made }) => made && <NewToken {...made} {...page} />}
    >
      {({ typed }) => (
        <>
          <Field
            name="name"
            label="Name"
            hint="What it is for, such as “Nightly report”."
            maxLength={MAX_NAME_LENGTH}
            autoComplete="off"
            defaultValue={typed.name}
          />
          <div className="max-w-48">
            <label htmlFor="days" className="ui-label">
              Expires
            </label>
            <Select ref={days} id="days" name="days" defaultValue={typed.days ?? USUAL_LIFETIME}>
              {LIFETIMES.map((days) => (
                <option key={days} value={days}>
                  {inWords(days)}
                </option>
              ))}
            </Select>
          </div>
        </>
      )}
    </AccountForm>
  );
}

/** "After 1 day", "After 90 days". */
function inWords(days: number): string {
  const unit = new Intl.NumberFormat("en", { style: "unit", unit: "day", unitDisplay: "long" });
  return `After ${unit.format(days)}`;
}
