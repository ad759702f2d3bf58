import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { DemoLogins } from "@/app/_components/demo-logins";
import { PageHeader } from "@/app/_components/ui/page-header";
import { PasswordField } from "@/app/_components/ui/password-field";
import { available } from "@/app/_components/unavailable";
import { mailIsOn } from "@/lib/current/account";
import { typedInForm } from "@/lib/current/request";
import { explainSignOut, getSession } from "@/lib/current/session";
import { HOME } from "@/lib/product";
import { AuthForm } from "../auth-form";
import { EmailField } from "../email-field";
import { KeepField } from "../keep-field";
import { OtherForm } from "../other-form";
import { readQuery } from "../query";
import { Why } from "./why";

export const metadata: Metadata = { title: "Sign in" };

export default available(async ({ searchParams }: PageProps<"/login">) => {
  const { problem, next, signedOut } = readQuery(await searchParams);
  if (await getSession()) redirect(next ?? HOME);
  const typed = problem ? await typedInForm() : null;
  return (
    <>
      <PageHeader title="Sign in" />
      {!problem && <Why end={await explainSignOut()} signedOut={signedOut} isSent={next !== null} />}
      <AuthForm
        action="/api/auth/login"
        refused={problem && typed ? { ...problem, errors: typed.errors } : null}
        submit="Sign in"
        pending="Signing in…"
      >
        <EmailField defaultValue={typed?.email} />
        <PasswordField name="password" label="Password" autoComplete="current-password" />
        {mailIsOn() && (
          <p>
            <Link href="/forgot-password" className="link inline-block py-1">
              Forgot your password?
            </Link>
          </p>
        )}
        <KeepField isTicked={typed?.keep ?? false} />
        {next && <input type="hidden" name="next" value={next} />}
      </AuthForm>
      <OtherForm href="/signup" next={next} question="No account yet?" label="Sign up" />
      <DemoLogins next={next} />
    </>
  );
});
