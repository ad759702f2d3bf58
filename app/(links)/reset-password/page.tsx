import type { Metadata } from "next";
import { FieldErrorsOf } from "@/app/_components/ui/field";
import { PageHeader } from "@/app/_components/ui/page-header";
import { PasswordField } from "@/app/_components/ui/password-field";
import { MIN_PASSWORD_LENGTH } from "@/lib/account/password/password-rules";
import { LinkForm } from "../link-form";
import { readLinkQuery } from "../link-query";

export const metadata: Metadata = { title: "Choose a new password" };

export default async function ResetPasswordPage({ searchParams }: PageProps<"/reset-password">) {
  const { token, isDone, problem, errors } = readLinkQuery(await searchParams);
  return (
    <>
      <PageHeader title={isDone ? "Password changed" : "Choose a new password"} />
      <LinkForm action="/api/auth/password/reset" token={token} problem={problem} submit="Change password">
        <FieldErrorsOf errors={errors}>
          <PasswordField
            name="new_password"
            label="New password"
            autoComplete="new-password"
            least={MIN_PASSWORD_LENGTH}
            hint={`At least ${MIN_PASSWORD_LENGTH} characters. Four or five random words work well.`}
          />
        </FieldErrorsOf>
      </LinkForm>
    </>
  );
}
