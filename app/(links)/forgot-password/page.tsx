import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { FieldErrorsOf } from "@/app/_components/ui/field";
import { Notice } from "@/app/_components/ui/notice";
import { PageHeader } from "@/app/_components/ui/page-header";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { available } from "@/app/_components/unavailable";
import { EmailField } from "@/app/(auth)/email-field";
import { mailIsOn } from "@/lib/current/account";
import { readLinkQuery } from "../link-query";

export const metadata: Metadata = { title: "Forgot your password?" };

/** Asks for a link to choose a new password. What it says is the same for every address. */
export default available(async ({ searchParams }: PageProps<"/forgot-password">) => {
  if (!mailIsOn()) notFound();
  const query = await searchParams;
  const { problem, errors } = readLinkQuery(query);
  return (
    <>
      <PageHeader title="Forgot your password?" />
      {query.sent === "1" ? (
        <Notice look="info">
          <p>If this email has an account, a link is on its way. It works once, for an hour.</p>
        </Notice>
      ) : (
        <p className="text-muted-foreground">We’ll send you a link to choose a new one.</p>
      )}
      {problem && <Notice look="problem">{problem}</Notice>}
      <form method="post" action="/api/auth/password/forgot" className="space-y-4" noValidate>
        <FieldErrorsOf errors={errors}>
          <EmailField defaultValue={undefined} />
        </FieldErrorsOf>
        <SubmitButton className="w-full" pending="Sending…">
          Send link
        </SubmitButton>
      </form>
      <p>
        <a href="/login" className="link inline-block py-2">
          Back to sign in
        </a>
      </p>
    </>
  );
});
