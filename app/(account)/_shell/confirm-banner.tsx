import { mailIsOn } from "@/lib/current/account";

/** That the email is not confirmed yet, on every page until it is; nothing where the server sends no mail. */
export function ConfirmBanner() {
  if (!mailIsOn()) return null;
  return (
    <p className="mb-6 flex flex-wrap items-baseline justify-between gap-x-4 rounded-lg border border-border bg-muted px-4 py-2 print:hidden">
      <span>Confirm your email, so that you can get back in if you forget your password.</span>
      <a href="/security#email" className="link inline-block py-1">
        Confirm email
      </a>
    </p>
  );
}
