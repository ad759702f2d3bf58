import "server-only";
import { findAccount, findAccountById, type Stored } from "@/lib/account/account";
import { type Actor, recordEvent } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { takeBackMail } from "@/lib/mail/outbox";
import { holdLive } from "@/lib/session/queries";
import { revokeOtherSessions, revokeSessionsOf } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import { createLink, findLink, isGood, killLinks, type Link, spendLink } from "./links";

/**
 * "This wasn't me", by the link of a notice: ends the session that the notice was about and those of programs, or with
 * `everything` all of them, and opens a reset of the password. After a notice that the address changes, it stops that or undoes
 * it. Null for any link that is not good.
 */
export async function reportSession(
  { token, everything, now }: { token: string; everything: boolean; now: Date },
  actor: Actor,
): Promise<{ ended: number; resetToken: string } | null> {
  const link = await findLink(token, "report", now);
  const user = link && (await findAccountById(link.userId));
  if (!link || !user || user.disabledAt) return null;

  const { id: userId } = user;
  const which = everything ? "all" : ({ id: link.sessionId, andApi: true } as const);
  let resetToken = "";
  const ended = await revokeSessionsOf(
    { userId, which, reason: "reported" },
    { now, actor },
    {
      mayGoOn: async (locked, db) => !locked.disabled && (await isGood(db, link)),
      finish: async (db) => {
        if (!(await spendLink(db, link, now))) throw new Error("A link was used in spite of the lock.");
        if (link.email) await keepAddress(db, user, link);
        resetToken = await createLink(db, { purpose: "reset", userId, now });
        const detail = { everything };
        await recordEvent(
          db,
          { type: "session_reported", userId, sessionId: link.sessionId, detail, now },
          actor,
        );
      },
    },
  );
  return ended === null ? null : { ended, resetToken };
}

/** Gives the account the address back to which the notice was sent, unless another account has it by now. */
async function keepAddress(db: Database, user: Stored, link: Link): Promise<void> {
  const { id: userId } = user;
  await takeBackMail(db, { userId, kinds: ["request:change", "mail:change"] });
  await killLinks(db, link, ["verify", "reset"]);
  const email = link.email ?? user.email;
  if (email === user.email || (await findAccount(email))) return;
  await db.user.update({ where: { id: userId }, data: { email } });
}

/**
 * The same by somebody who is signed in, of one of their devices: their own session goes on. Returns how many sessions ended, or
 * null if their own has ended meanwhile. Ask `needsStepUp` before.
 */
export async function reportOwnSession(
  { caller, id, everything, now }: { caller: Session; id: string; everything: boolean; now: Date },
  actor: Actor,
): Promise<number | null> {
  const note = (db: Database) => {
    const event = {
      type: "session_reported",
      userId: caller.userId,
      sessionId: id,
      detail: { everything },
      now,
    } as const;
    return recordEvent(db, event, actor);
  };
  if (everything) return revokeOtherSessions(caller, { now, actor }, { reason: "reported", finish: note });
  const which = { id, andApi: true } as const;
  return revokeSessionsOf(
    { userId: caller.userId, which, reason: "reported" },
    { now, actor },
    { mayGoOn: (_, db) => holdLive(db, caller.id, now), finish: note },
  );
}
