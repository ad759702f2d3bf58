import "server-only";
import type { Actor } from "@/lib/audit";
import { backgroundPrisma, type Database } from "@/lib/db";
import { log } from "@/lib/log";
import { takeBackMail } from "@/lib/mail/outbox";
import { revokeAllSessions, revokeSessionsOf } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import type { Account } from "./account";

/**
 * Deletes the account of the owner of `session` and everything about them. Every session is revoked before, so that open tabs
 * and every instance know first; those of a sign-in at the same moment are revoked in the transaction of the deletion. False if
 * the caller's session has ended meanwhile.
 */
export async function deleteAccount(
  { session, user, now }: { session: Session; user: Account; now: Date },
  actor: Actor,
): Promise<boolean> {
  const context = { now, actor };
  if ((await revokeAllSessions(session, context)) === null) return false;
  await revokeSessionsOf({ userId: user.id, which: "all", reason: "logout_all" }, context, {
    finish: (db) => deleteRows(db, user),
    // A long history takes longer than the gate's queries may.
    client: backgroundPrisma(),
  });
  log.info("account_deleted", { user: user.id });
  return true;
}

/** Sessions, events, links and places go with the user's row. */
async function deleteRows(db: Database, { id, email }: Account): Promise<void> {
  await takeBackMail(db, { userId: id, address: email });
  await db.link.deleteMany({ where: { email } });
  await db.user.deleteMany({ where: { id } });
}
