"use client";

import { buttonVariants } from "@/app/_components/ui/button";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { PageForm } from "./page-form";

/** The answer to the question of a page: the one of the dialog where no script runs. */
export function ConfirmForm({
  intent,
  id,
  label,
  pending,
}: {
  intent: string;
  id?: string | undefined;
  label: string;
  pending: string;
}) {
  return (
    <PageForm intent={intent} id={id}>
      {() => (
        <div className="flex flex-wrap gap-3">
          <a href="/sessions" className={buttonVariants({ variant: "outline" })}>
            Cancel
          </a>
          <SubmitButton variant="destructive" pending={pending}>
            {label}
          </SubmitButton>
        </div>
      )}
    </PageForm>
  );
}
