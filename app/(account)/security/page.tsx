import type { Metadata } from "next";
import { available } from "@/app/_components/unavailable";
import { MIN_PASSWORD_LENGTH } from "@/lib/account/password-rules";
import { requireUser } from "@/lib/current/session";
import { PasswordForm } from "./password-form";

export const metadata: Metadata = { title: "Security" };

export default available(async () => {
  const { email } = await requireUser("/security");
  return (
    <>
      <h1 className="font-semibold text-3xl">Security</h1>
      <section aria-labelledby="password" className="mt-8">
        <h2 id="password" className="font-semibold text-xl">
          Password
        </h2>
        <p className="mt-2 max-w-prose text-muted-foreground">
          A new password signs out every other device. This one stays signed in.
        </p>
        <PasswordForm
          email={email}
          rules={`${MIN_PASSWORD_LENGTH} characters or more, and neither a well-known password nor your own name or address. A few words do it.`}
        />
      </section>
    </>
  );
});
