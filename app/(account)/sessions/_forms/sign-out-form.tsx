"use client";

import { SubmitButton } from "@/app/_components/ui/submit-button";
import { ActionForm } from "./session-actions";

const PLACE = "mt-3 ms-15 sm:mt-0.5 sm:ms-0";

/** Ends a session. The one of this device ends like with "Sign out", in a full navigation. */
export function SignOutForm({ id, name, isCurrent }: { id: string; name: string; isCurrent: boolean }) {
  if (isCurrent) {
    return (
      <form method="post" action="/api/auth/logout" className={PLACE}>
        <SubmitButton variant="outline" pending="Signing out…" aria-describedby={`facts-${id}`}>
          Sign out<span className="sr-only"> this device</span>
        </SubmitButton>
      </form>
    );
  }
  return (
    <ActionForm intent="end" id={id} className={PLACE}>
      <SubmitButton variant="destructive-outline" pending="Signing out…" aria-describedby={`facts-${id}`}>
        Sign out
        <span className="sr-only">
          {" "}
          <bdi>{name}</bdi>
        </span>
      </SubmitButton>
    </ActionForm>
  );
}
