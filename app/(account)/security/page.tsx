import type { Metadata } from "next";
import Link from "next/link";
import { Badge } from "@/app/_components/ui/badge";
import { buttonVariants } from "@/app/_components/ui/button";
import { Icon } from "@/app/_components/ui/icon";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { MIN_PASSWORD_LENGTH } from "@/lib/account/password/password-rules";
import { mailIsOn } from "@/lib/current/account";
import { listDevices, requireSession } from "@/lib/current/session";
import { ExportForm } from "./_data/export-form";
import { ChangeEmail } from "./_email/change-email";
import { ConfirmEmail } from "./_email/confirm-email";
import { PasswordForm } from "./password-form";
import { Section } from "./section";

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
              <bdi className="wrap-anywhere">{email}</bdi> {mailIsOn() && <Confirmed is={emailVerified} />}
            </>
          }
        >
          {mailIsOn() && (
            <div className="space-y-5">
              {!emailVerified && <ConfirmEmail />}
              <ChangeEmail />
            </div>
          )}
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
          action={<Further href="/sessions">Show devices</Further>}
        />
        <Section
          id="data"
          title="Your data"
          description="Everything that is stored about you, as a JSON file: your account, devices and activity."
        >
          <ExportForm page="/security" />
        </Section>
        <Section
          id="delete"
          title="Delete account"
          description="Signs out every device, then deletes everything about you."
          action={<Further href="/security/delete">Delete…</Further>}
        />
      </div>
    </>
  );
});

function Confirmed({ is }: { is: boolean }) {
  return is ? <Badge variant="online">Confirmed</Badge> : <Badge variant="warning">Not confirmed</Badge>;
}

function Further({ href, children }: { href: "/sessions" | "/security/delete"; children: string }) {
  return (
    <Link href={href} prefetch={false} className={buttonVariants({ variant: "outline" })}>
      {children}
      <Icon name="chevron-right" className="rtl:rotate-180" />
    </Link>
  );
}
