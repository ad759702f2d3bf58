import "server-only";
import { type Actor, recordEvent } from "@/lib/audit";
import { replaceSecret } from "@/lib/session/queries";
import { revokeOtherSessions } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import { SECONDS } from "@/lib/time";
import { hashSecret, randomSecret } from "@/lib/token/token";
import { type Account, findAccountById, type Refused } from "./account";
import { hashPassword, passwordProblem, verifyPassword } from "./password";
import { attempt } from "./rate-limit";
import { sessionToken } from "./start-session";

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
  | { ok: true; token: string; ended: number }
  | { ok: false; code: "wrong_password" | "session_ended" }
  | { ok: false; code: "weak_password"; message: string }
  | Refused
> {
  const problem = passwordProblem(next, user);
  if (problem) return { ok: false, code: "weak_password", message: problem };
  const stored = await findAccountById(user.id);
  const checked = await attempt(
    {
      purpose: "change",
      email: user.email,
      address: actor.ip,
      known: { userId: user.id, deviceId: session.id },
      now,
    },
    () => verifyPassword(stored?.passwordHash ?? null, current),
  );
  if (!checked.ok) return checked;
  if (!stored) return { ok: false, code: "wrong_password" };

  const passwordHash = await hashPassword(next);
  const secret = randomSecret();
  const secretHash = await hashSecret(secret);
  const context = { now, actor };
  const ended = await revokeOtherSessions(session, context, {
    reason: "password_changed",
    mayGoOn: (user) => !user.disabled && user.passwordHash === stored.passwordHash,
    // Last: until it commits, the old password is good for trying again; once it has, no other session is live.
    finish: async (db) => {
      await replaceSecret(db, { id: session.id, userId: user.id, secretHash, now });
      const data = { passwordHash, deviceEpoch: { increment: 1 } };
      await db.user.update({ where: { id: user.id }, data });
      await recordEvent(db, { type: "password_changed", userId: user.id, sessionId: session.id, now }, actor);
    },
  });
  if (ended === null) return { ok: false, code: "session_ended" };

  const token = await sessionToken(stored, session, secret, Math.floor(now.getTime() / SECONDS));
  return { ok: true, token, ended };
}
