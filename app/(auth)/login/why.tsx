import { endedByOthers, toldToDevice } from "@/app/_components/end-words";
import { Notice } from "@/app/_components/ui/notice";
import { When } from "@/app/_components/when";
import type { SignedOut } from "@/app/(auth)/query";
import { type explainSignOut, hasUnknownSession } from "@/lib/current/session";

type Reasons = {
  /** What ended the session of this device; null when nothing did. */
  end: Awaited<ReturnType<typeof explainSignOut>>;
  signedOut: SignedOut | null;
  isSent: boolean;
};

/** Why somebody is here: their session was ended, they signed out, or a page asks for it. */
export async function Why({ end, signedOut, isSent }: Reasons) {
  if (!end) {
    if (signedOut === "deleted") return <Box>Your account and everything about it are deleted.</Box>;
    if (signedOut === "everywhere")
      return <Box>You’re signed out everywhere. Every device needs your password to sign in again.</Box>;
    if (signedOut) return <Box>You’re signed out.</Box>;
    if (!isSent) return null;
    return (
      <Box>
        <p>Sign in to continue.</p>
        {(await hasUnknownSession()) && (
          <p className="mt-1 text-sm text-muted-foreground">
            Tried to sign up? This email may already have an account. Sign in with its password.
          </p>
        )}
      </Box>
    );
  }
  const { reason, from, at } = end;
  const byOperator = reason === "account_disabled" || reason === "ended_by_administrator";
  const mayBeForeign = endedByOthers(reason) && !byOperator;
  return (
    <Box>
      <p>
        <span>{toldToDevice(reason, from)}</span>, <When at={at} />.
      </p>
      {mayBeForeign && (
        <p className="mt-1 text-sm text-muted-foreground">
          If that wasn’t you, sign in and change your password.
        </p>
      )}
    </Box>
  );
}

function Box({ children }: { children: React.ReactNode }) {
  return (
    <div className="mt-6">
      <Notice look="info">{children}</Notice>
    </div>
  );
}
