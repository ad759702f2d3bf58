import "server-only";
import { type Account, type Refused, userOf } from "@/lib/account/account";
import { sessionToken } from "@/lib/account/sign-in/start-session";
import { type Actor, recordEvent } from "@/lib/audit";
import { renewSession } from "@/lib/session/renew";
import type { Session, User } from "@/lib/session/session";
import { hashSecret, randomSecret } from "@/lib/token/token";
import { provePassword } from "./prove-password";

/** A session with a new token, which has made the old one worthless. */
export type Renewed = { token: string; session: Session; user: User };

/**
 * Step-up: the owner of `session` proves again who they are, and the session gets a new secret and `auth_time`. When this
 * resolves, every instance refuses the old token. `session_ended`: the session has ended, or its token was replaced meanwhile.
 */
export async function reauthenticate(
  asked: { session: Session; user: Account; password: string; now: Date },
  actor: Actor,
): Promise<
  | ({ ok: true } & Renewed)
  | { ok: false; code: "wrong_password" }
  | { ok: false; code: "session_ended" }
  | Refused
> {
  const { session, user, now } = asked;
  const proved = await provePassword(asked, actor);
  if (!proved.ok) return proved;

  const { stored } = proved;
  const secret = randomSecret();
  const secretHash = await hashSecret(secret);
  const renewed = await renewSession(
    session,
    { secretHash, amr: ["pwd"], now },
    {
      mayGoOn: (locked) => !locked.disabled && locked.passwordHash === stored.passwordHash,
      note: (db) =>
        recordEvent(db, { type: "reauthenticated", userId: user.id, sessionId: session.id, now }, actor),
    },
  );
  if (!renewed) return { ok: false, code: "session_ended" };
  return {
    ok: true,
    token: await sessionToken(stored, renewed, secret, now),
    session: renewed,
    user: userOf(stored),
  };
}
