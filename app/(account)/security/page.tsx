import { ChevronRight } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Badge } from "@/app/_components/ui/badge";
import { buttonVariants } from "@/app/_components/ui/button";
import {
  Card,
  CardAction,
  CardContent,
  CardDescription,
  CardHeader,
  CardTitle,
} from "@/app/_components/ui/card";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { MIN_PASSWORD_LENGTH } from "@/lib/account/password-rules";
import { mailIsOn } from "@/lib/current/account";
import { listDevices, requireSession } from "@/lib/current/session";
import { ConfirmEmail } from "./_email/confirm-email";
import { PasswordForm } from "./password-form";

export const metadata: Metadata = { title: "Security" };

export default available(async () => {
  const { email, emailVerified } = (await requireSession("/security")).user;
  const { total } = await listDevices("/security");
  return (
    <>
      <PageHeader title="Security" description="How you sign in, and where you’re signed in." />
      <div className="mt-6 grid gap-4">
        <Section
          id="email"
          title="Email"
          description={
            <>
              <bdi className="wrap-anywhere">{email}</bdi>{" "}
              {mailIsOn() &&
                (emailVerified ? (
                  <Badge variant="online">Confirmed</Badge>
                ) : (
                  <Badge variant="warning">Not confirmed</Badge>
                ))}
            </>
          }
        >
          {mailIsOn() && !emailVerified && <ConfirmEmail />}
        </Section>
        <Section
          id="password"
          title="Password"
          description="Changing your password signs out every other device. You stay signed in here."
        >
          <PasswordForm
            email={email}
            least={MIN_PASSWORD_LENGTH}
            rules={`At least ${MIN_PASSWORD_LENGTH} characters. Not a common password, your name or your email.`}
          />
        </Section>
        <Section
          id="devices"
          title="Devices"
          description={total === 1 ? "Only this device is signed in." : `${total} devices are signed in.`}
          action={
            <Link href="/sessions" prefetch={false} className={buttonVariants({ variant: "outline" })}>
              Show devices
              <ChevronRight aria-hidden="true" className="rtl:rotate-180" />
            </Link>
          }
        />
      </div>
    </>
  );
});

function Section({
  id,
  title,
  description,
  action,
  children,
}: {
  id: string;
  title: string;
  description: ReactNode;
  action?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <section aria-labelledby={id}>
      <Card>
        <CardHeader className={children ? undefined : "pb-5"}>
          <CardTitle id={id}>{title}</CardTitle>
          <CardDescription>{description}</CardDescription>
          {action && <CardAction>{action}</CardAction>}
        </CardHeader>
        {children && <CardContent>{children}</CardContent>}
      </Card>
    </section>
  );
}
