import "server-only";
import { gatePrisma } from "@/lib/db";
import { endSessionsOfUser, publishEndedOfUser } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import { type Actor, lockUser, recordEvent, replaceSecret } from "@/lib/session/store";
import { hashSecret, randomSecret } from "@/lib/session/token";
import { SECONDS } from "@/lib/time";
import { type Account, findAccount, type Refused } from "./account";
import { countGuess } from "./guessing";
import { hashPassword, passwordProblem, verifyPassword } from "./password";
import { sessionToken } from "./start-session";

/**
 * Changes the password of the owner of `session`: every other session ends, and this one gets a new secret, so that
 * its old token is worth nothing either. Returns its new token.
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
  const guess = await countGuess({
    email: user.email,
    address: actor.ip,
    knownDevice: `session:${session.id}`,
  });
  if (!guess.allowed) return { ok: false, code: "rate_limited", retryAfter: guess.retryAfter };

  const stored = await findAccount(user.email);
  const isRight = await guess.settle(() => verifyPassword(stored?.passwordHash ?? null, current));
  if (!stored || !isRight) return { ok: false, code: "wrong_password" };

  const passwordHash = await hashPassword(next);
  const secret = randomSecret();
  const secretHash = await hashSecret(secret);
  const done = await gatePrisma().$transaction(async (db) => {
    const locked = await lockUser(db, user.id);
    if (!locked || locked.disabled || locked.passwordHash !== stored.passwordHash) return null;
    const kept = await replaceSecret(db, { id: session.id, userId: user.id, secretHash, now });
    if (!kept) return null;
    await db.user.update({ where: { id: user.id }, data: { passwordHash } });
    await recordEvent(db, { type: "password_changed", userId: user.id, sessionId: session.id, now }, actor);
    return endSessionsOfUser(
      db,
      { userId: user.id, exceptId: session.id, reason: "password_changed", byId: session.id, now },
      actor,
    );
  });
  if (!done) return { ok: false, code: "session_ended" };

  await publishEndedOfUser(done, user.id);
  const token = await sessionToken(session, secret, Math.floor(now.getTime() / SECONDS));
  return { ok: true, token, ended: done.length };
}
