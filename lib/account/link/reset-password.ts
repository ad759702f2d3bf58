import "server-only";
import { findAccountById, type Refused } from "@/lib/account/account";
import { countedAs } from "@/lib/account/email";
import { countMailRequest, liftLock } from "@/lib/account/limit/rate-limit";
import { tellOfChange } from "@/lib/account/password/change-password";
import { hashPassword, passwordProblem } from "@/lib/account/password/password";
import { type Actor, recordEvent } from "@/lib/audit";
import { gatePrisma } from "@/lib/db";
import { putRequest } from "@/lib/mail/outbox";
import { revokeSessionsOf } from "@/lib/session/revoke";
import { findLink, isGood, killLinks, spendLink } from "./links";

/** Asks for a link to choose a new password. What is done here is the same for every address. */
export async function requestReset(
  { email, now }: { email: string; now: Date },
  actor: Actor,
): Promise<{ ok: true } | Refused> {
  const counted = await countMailRequest(actor.ip, now);
  if (!counted.ok) return counted;
  const { ip, userAgent, requestId } = actor;
  await putRequest(gatePrisma(), {
    kind: "forgot",
    userId: null,
    address: countedAs(email),
    data: { actor: { ip, userAgent, requestId } },
    now,
  });
  return { ok: true };
}

/**
 * Uses a link to set a new password: every session ends, the other links of the account are worth nothing, the address that the
 * link was sent to is confirmed, and the locks that guessing has put on the account are lifted. A weak password uses no link up.
 */
export async function resetPassword(
  { token, password, now }: { token: string; password: string; now: Date },
  actor: Actor,
): Promise<
  | { ok: true; ended: number }
  | { ok: false; code: "invalid_link" }
  | { ok: false; code: "weak_password"; message: string }
> {
  const link = await findLink(token, "reset", now);
  const user = link && (await findAccountById(link.userId));
  if (!link || !user || user.disabledAt) return { ok: false, code: "invalid_link" };
  const problem = passwordProblem(password, user);
  if (problem) return { ok: false, code: "weak_password", message: problem };

  const { id: userId, email } = user;
  const passwordHash = await hashPassword(password);
  const ended = await revokeSessionsOf(
    { userId, which: "all", reason: "password_reset" },
    { now, actor },
    {
      mayGoOn: async (locked, db) => !locked.disabled && (await isGood(db, link)),
      finish: async (db) => {
        if (!(await spendLink(db, link, now))) throw new Error("A link was used in spite of the lock.");
        const isConfirmed = link.email === email;
        await db.user.update({
          where: { id: userId },
          data: { passwordHash, deviceEpoch: { increment: 1 }, ...(isConfirmed && { emailVerifiedAt: now }) },
        });
        await killLinks(db, link);
        await recordEvent(db, { type: "password_reset", userId, now }, actor);
        const emailVerifiedAt = isConfirmed ? now : user.emailVerifiedAt;
        await tellOfChange(db, { id: userId, email, emailVerifiedAt }, { now, actor });
      },
    },
  );
  if (ended === null) return { ok: false, code: "invalid_link" };
  await liftLock({ email, userId, address: actor.ip });
  return { ok: true, ended };
}
