import type { ReactNode } from "react";
import { Notice } from "@/app/_components/ui/notice";
import { SubmitButton } from "@/app/_components/ui/submit-button";

/** Sends the token of a link to the route that uses it. A plain form: it works without a script. */
export function LinkForm({
  action,
  token,
  problem,
  submit,
  children,
}: {
  action: string;
  token: string | null;
  problem: string | null;
  submit: string;
  children?: ReactNode;
}) {
  return (
    <>
      {problem && <Notice look="problem">{problem}</Notice>}
      {token ? (
        <form method="post" action={action} className="space-y-4">
          <input type="hidden" name="token" value={token} />
          {children}
          <SubmitButton pending="One moment…">{submit}</SubmitButton>
        </form>
      ) : (
        <p>
          <a href="/login" className="link inline-block py-2">
            Go to sign in
          </a>
        </p>
      )}
    </>
  );
}
