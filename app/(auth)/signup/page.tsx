import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Field } from "@/app/_components/ui/field";
import { PageHeader } from "@/app/_components/ui/page-header";
import { PasswordField } from "@/app/_components/ui/password-field";
import { available } from "@/app/_components/unavailable";
import { MIN_PASSWORD_LENGTH } from "@/lib/account/password-rules";
import { typedInForm } from "@/lib/current/request";
import { getSession } from "@/lib/current/session";
import { MAX_NAME_LENGTH } from "@/lib/limits";
import { HOME } from "@/lib/product";
import { AuthForm } from "../auth-form";
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
        refused={problem && typed ? { title: problem, errors: typed.errors } : null}
        submit="Create the account"
        pending="Creating the account…"
      >
        <Field
          name="name"
          label="Name (optional)"
          autoComplete="name"
          maxLength={MAX_NAME_LENGTH}
          defaultValue={typed?.name}
        />
        <Field
          name="email"
          label="Email"
          type="email"
          autoComplete="username"
          defaultValue={typed?.email}
          required
        />
        <PasswordField
          name="password"
          label="Password"
          autoComplete="new-password"
          hint={
            <>
              {MIN_PASSWORD_LENGTH} characters or more: the password is the only thing that protects this
              account, and length is what makes one hard to guess. A few words do it; digits and symbols are
              welcome, not required.
            </>
          }
        />
        <KeepField isTicked={typed?.keep ?? false} />
        {next && <input type="hidden" name="next" value={next} />}
      </AuthForm>
      <OtherForm href="/login" next={next} question="Have an account?" label="Sign in" />
    </>
  );
});
