import type { Metadata } from "next";
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from "@/app/_components/ui/card";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { MIN_PASSWORD_LENGTH } from "@/lib/account/password-rules";
import { requireUser } from "@/lib/current/session";
import { PasswordForm } from "./password-form";

export const metadata: Metadata = { title: "Security" };

export default available(async () => {
  const { email } = await requireUser("/security");
  return (
    <>
      <PageHeader title="Security" />
      <section aria-labelledby="password" className="mt-6">
        <Card>
          <CardHeader>
            <CardTitle id="password">Password</CardTitle>
            <CardDescription>
              A new password signs out every other device. This one stays signed in.
            </CardDescription>
          </CardHeader>
          <CardContent>
            <PasswordForm
              email={email}
              rules={`${MIN_PASSWORD_LENGTH} characters or more, and neither a well-known password nor your own name or address. A few words do it.`}
            />
          </CardContent>
        </Card>
      </section>
    </>
  );
});
