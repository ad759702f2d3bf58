import "server-only";
import { findAccountById } from "@/lib/account/account";
import { limitAccountWrites } from "@/lib/account/limit/rate-limit";
import { type Actor, recordEvent } from "@/lib/audit";
import { gatePrisma, inTransaction } from "@/lib/db";
import { sessionCache } from "@/lib/session/cache";
import { lockUser } from "@/lib/session/queries";
import { Prisma } from "@/prisma/client/client";
import { findLink, killLinks, spendLink } from "./links";
import { sendVerification } from "./mail-requests";

/** Sends the owner of an account a link to confirm its address, unless that is done; a few an hour. */
export async function resendVerification(
  { userId, now }: { userId: string; now: Date },
  actor: Actor,
): Promise<void> {
  await limitAccountWrites(userId, now);
  await inTransaction(gatePrisma(), async (db) => {
    const user = await findAccountById(userId);
    if (!user || user.emailVerifiedAt) return;
    await sendVerification(db, user, now);
    await recordEvent(db, { type: "email_confirmation_requested", userId, now }, actor);
  });
}

/**
 * Uses a link that confirms an address; one that was sent to a new address makes that the account's. Returns the address, or
 * null for any link that is not good, or where the address has become another account's meanwhile.
 */
export async function verifyEmail(
  { token, now }: { token: string; now: Date },
  actor: Actor,
): Promise<string | null> {
  const link = await findLink(token, "verify", now);
  if (!link?.email) return null;
  const { userId, email } = link;
  const verified = await inTransaction(gatePrisma(), async (db) => {
    const locked = await lockUser(db, userId);
    if (!locked || locked.disabled || !(await spendLink(db, link, now))) return null;
    const { email: before } = await db.user.findUniqueOrThrow({
      where: { id: userId },
      select: { email: true },
    });
    await db.user.update({ where: { id: userId }, data: { email, emailVerifiedAt: now } });
    // Links to the old address are void now, except for one: its owner may still say that it was not them.
    await killLinks(db, link, email === before ? ["verify"] : ["verify", "reset"]);
    const type = email === before ? "email_verified" : "email_changed";
    await recordEvent(db, { type, userId, now }, actor);
    return email;
  }).catch(nullIfTaken);
  sessionCache().invalidateOwner(userId);
  return verified;
}

/** Another account has the address. The link stays as it was. */
function nullIfTaken(error: unknown): null {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") return null;
  throw error;
}
