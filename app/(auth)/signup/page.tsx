import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Field } from "@/app/_components/ui/field";
import { PageHeader } from "@/app/_components/ui/page-header";
import { PasswordField } from "@/app/_components/ui/password-field";
import { available } from "@/app/_components/unavailable";
import { MIN_PASSWORD_LENGTH } from "@/lib/account/password/password-rules";
import { typedInForm } from "@/lib/current/request";
import { getSession } from "@/lib/current/session";
import { MAX_NAME_LENGTH } from "@/lib/limits";
import { HOME } from "@/lib/product";
import { AuthForm } from "../auth-form";
import { EmailField } from "../email-field";
import { KeepField } from "../keep-field";
import { OtherForm } from "../other-form";
import { readQuery } from "../query";

export const metadata: Metadata = { title: "Sign up" };

export default available(async ({ searchParams }: PageProps<"/signup">) => {
  const { problem, next } = readQuery(await searchParams);
  if (await getSession()) redirect(next ?? HOME);
  const typed = problem ? await typedInForm() : null;
  return (
    <>
      <PageHeader title="Sign up" />
      <AuthForm
        action="/api/auth/signup"
        refused={problem && typed ? { ...problem, errors: typed.errors } : null}
        submit="Create account"
        pending="Creating account…"
      >
        <Field
          name="name"
          label="Name (optional)"
          autoComplete="name"
          maxLength={MAX_NAME_LENGTH}
          defaultValue={typed?.name}
        />
        <EmailField defaultValue={typed?.email} />
        <PasswordField
          name="password"
          label="Password"
          autoComplete="new-password"
          least={MIN_PASSWORD_LENGTH}
          hint={<>At least {MIN_PASSWORD_LENGTH} characters. Four or five random words work well.</>}
        />
        <KeepField isTicked={typed?.keep ?? false} />
        {next && <input type="hidden" name="next" value={next} />}
      </AuthForm>
      <OtherForm href="/login" next={next} question="Have an account?" label="Sign in" />
    </>
  );
});
