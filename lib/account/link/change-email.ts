import "server-only";
import type { Refused } from "@/lib/account/account";
import { countChangeOfAddress } from "@/lib/account/limit/rate-limit";
import { type Actor, recordEvent } from "@/lib/audit";
import { gatePrisma, inTransaction } from "@/lib/db";
import { putMail, putRequest } from "@/lib/mail/outbox";
import type { Session, User } from "@/lib/session/session";
import { createLink } from "./links";

/**
 * Asks for another address of an account: a link goes there, and a notice to the old one. Nothing changes before that link is
 * used. Whether the new address has an account is checked later, so that the answer does not tell.
 */
export async function requestEmailChange(
  { session, user, email, now }: { session: Session; user: User; email: string; now: Date },
  actor: Actor,
): Promise<{ ok: true } | Refused> {
  const { id: userId } = user;
  const counted = await countChangeOfAddress(userId, now);
  if (!counted.ok) return counted;
  await inTransaction(gatePrisma(), async (db) => {
    if (email !== user.email) {
      // The old mailbox may stop the change only if its owner has confirmed that they read it.
      const link = { purpose: "report", userId, sessionId: session.id, email: user.email, now } as const;
      const token = user.emailVerified ? await createLink(db, link) : null;
      const data = { address: email, token };
      await putMail(db, { kind: "changing", userId, address: user.email, data, now });
    }
    await putRequest(db, { kind: "change", userId, address: email, data: { userId }, now });
    await recordEvent(db, { type: "email_change_requested", userId, sessionId: session.id, now }, actor);
  });
  return { ok: true };
}
