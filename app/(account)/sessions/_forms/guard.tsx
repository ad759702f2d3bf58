import { useEffect, useRef } from "react";
import { CheckField, FieldErrorsOf } from "@/app/_components/ui/field";
import { PasswordAgain } from "@/app/(account)/_forms/password-again";
import type { ActionState } from "@/app/(account)/sessions/action-state";

/** What a question asks besides yes or no: whether to end everything, and, where step-up is due (RFC 9470), the password. */
export function Guard({ isReport, stepUp }: { isReport: boolean; stepUp: ActionState["stepUp"] }) {
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (stepUp) area.current?.querySelector<HTMLElement>("input[name=password]")?.focus();
  }, [stepUp]);
  return (
    <div ref={area} className="mt-4 space-y-4 empty:hidden">
      {isReport && (
        <CheckField
          name="everything"
          label="Also sign out all my other devices"
          isTicked={stepUp?.everything ?? false}
        />
      )}
      {stepUp && (
        <FieldErrorsOf errors={stepUp.problem === null ? {} : { password: [stepUp.problem] }}>
          <PasswordAgain of="sign out" />
        </FieldErrorsOf>
      )}
    </div>
  );
}
