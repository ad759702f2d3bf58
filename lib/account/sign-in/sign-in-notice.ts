import "server-only";
import type { Stored } from "@/lib/account/account";
import { createLink } from "@/lib/account/link/links";
import type { Database } from "@/lib/db";
import { mailIsOn, putMail } from "@/lib/mail/outbox";
import { defaultName, type Session } from "@/lib/session/session";

/**
 * Notifies the owner of a confirmed address of a sign-in from a new place, with a link to say that it was not them. Runs in the
 * transaction of the sign-in.
 */
export async function tellOfSignIn(db: Database, user: Stored, session: Session, now: Date): Promise<void> {
  if (!user.emailVerifiedAt || !mailIsOn()) return;
  const { id: userId, email: address } = user;
  const token = await createLink(db, { purpose: "report", userId, sessionId: session.id, now });
  const { ip, location, amr } = session;
  const data = { token, device: defaultName(session), ip, location, at: now.toISOString(), amr };
  await putMail(db, { kind: "signIn", userId, address, data, now });
}
