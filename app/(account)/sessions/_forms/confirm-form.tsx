"use client";

import { buttonVariants } from "@/app/_components/ui/button";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { Guard } from "./guard";
import { PageForm } from "./page-form";

/** The answer to the question of a page: the one of the dialog where no script runs. */
export function ConfirmForm({
  intent,
  id,
  label,
  pending,
  needsPassword,
}: {
  intent: string;
  id?: string | undefined;
  label: string;
  pending: string;
  needsPassword: boolean;
}) {
  return (
    <PageForm intent={intent} id={id}>
      {({ stepUp }) => (
        <div className="max-w-md space-y-6">
          <Guard
            isReport={intent === "report"}
            stepUp={stepUp ?? (needsPassword ? { problem: null } : null)}
          />
          <div className="flex flex-wrap gap-3">
            <a href="/sessions" className={buttonVariants({ variant: "outline" })}>
              Cancel
            </a>
            <SubmitButton variant="destructive" pending={pending}>
              {label}
            </SubmitButton>
          </div>
        </div>
      )}
    </PageForm>
  );
}
