import "server-only";
import { type Account, type Refused, type Stored, userOf } from "@/lib/account/account";
import { sessionToken } from "@/lib/account/sign-in/start-session";
import { type Actor, recordEvent } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { putMail } from "@/lib/mail/outbox";
import { replaceSecret } from "@/lib/session/queries";
import { revokeOtherSessions } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import { hashSecret, randomSecret } from "@/lib/token/token";
import { hashPassword, passwordProblem } from "./password";
import { provePassword } from "./prove-password";
import type { Renewed } from "./reauthenticate";

/**
 * Changes the password of the owner of `session`: revokes every other session, and gives this one a new secret, which makes
 * its old token worthless, too. No device counts as known afterwards. Returns the new token.
 */
export async function changePassword(
  {
    session,
    user,
    current,
    next,
    now,
  }: { session: Session; user: Account; current: string; next: string; now: Date },
  actor: Actor,
): Promise<
  | ({ ok: true; ended: number } & Renewed)
  | { ok: false; code: "wrong_password" | "session_ended" }
  | { ok: false; code: "weak_password"; message: string }
  | Refused
> {
  const problem = passwordProblem(next, user);
  if (problem) return { ok: false, code: "weak_password", message: problem };
  const proved = await provePassword({ session, user, password: current, now }, actor);
  if (!proved.ok) return proved;

  const { stored } = proved;
  const passwordHash = await hashPassword(next);
  const secret = randomSecret();
  const secretHash = await hashSecret(secret);
  const held: { session: Session | null } = { session: null };
  const ended = await revokeOtherSessions(
    session,
    { now, actor },
    {
      reason: "password_changed",
      mayGoOn: (user) => !user.disabled && user.passwordHash === stored.passwordHash,
      // Last: until this commits, the old password still works for another try; afterwards no other session is live.
      finish: async (db) => {
        held.session = await replaceSecret(db, session, { secretHash, amr: ["pwd"], now });
        // Rolls everything back: another call has replaced the secret meanwhile, so this caller no longer holds the session.
        if (!held.session) throw new SecretReplaced();
        const data = { passwordHash, deviceEpoch: { increment: 1 } };
        await db.user.update({ where: { id: user.id }, data });
        await recordEvent(
          db,
          { type: "password_changed", userId: user.id, sessionId: session.id, now },
          actor,
        );
        await tellOfChange(db, stored, { now, actor });
      },
    },
  ).catch(noneIfReplaced);
  if (ended === null || !held.session) return { ok: false, code: "session_ended" };
  const token = await sessionToken(stored, held.session, secret, now);
  return { ok: true, token, session: held.session, user: userOf(stored), ended };
}

/** Tells the owner of an account that its password is another one now, at a confirmed address (ASVS 6.3.7). */
export async function tellOfChange(
  db: Database,
  { id: userId, email, emailVerifiedAt }: Pick<Stored, "id" | "email" | "emailVerifiedAt">,
  { now, actor }: { now: Date; actor: Actor },
): Promise<void> {
  if (!emailVerifiedAt) return;
  const data = { ip: actor.ip, at: now.toISOString() };
  await putMail(db, { kind: "passwordChanged", userId, address: email, data, now });
}

class SecretReplaced extends Error {}

function noneIfReplaced(error: unknown): null {
  if (error instanceof SecretReplaced) return null;
  throw error;
}
