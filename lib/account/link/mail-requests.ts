import "server-only";
import { findAccount, type Stored } from "@/lib/account/account";
import { mayMail } from "@/lib/account/limit/rate-limit";
import { recordEvent } from "@/lib/audit";
import type { Database } from "@/lib/db";
import type { Accounts } from "@/lib/mail/delivery";
import { putMail } from "@/lib/mail/outbox";
import { createLink } from "./links";

// Decides about requests for mail after they were answered: only a mailbox shows whether there is such an account.

type Decision = { address: string; now: Date };

/** What the mailer needs to know of accounts. */
export const accounts: Accounts = {
  async decide(db, request, now) {
    const { address } = request;
    switch (request.kind) {
      case "forgot":
        return sendReset(db, { address, now }, request.data.actor);
      case "known":
        return request.data.byForm ? tellOwner(db, { address, now }) : undefined;
      case "change":
        return sendChange(db, { address, now }, request.data.userId);
    }
  },
  async exists(db, userId) {
    return (await db.user.count({ where: { id: userId } })) === 1;
  },
};

async function sendReset(
  db: Database,
  { address, now }: Decision,
  actor: Parameters<typeof recordEvent>[2],
): Promise<void> {
  const user = await findAccount(address);
  if (!user || user.disabledAt || !(await mayMail("reset", user.email, now))) return;
  const { id: userId, email } = user;
  const token = await createLink(db, { purpose: "reset", userId, email, now });
  await putMail(db, { kind: "reset", userId, address: email, data: { token }, now });
  await recordEvent(db, { type: "password_reset_requested", userId, now }, actor);
}

async function tellOwner(db: Database, { address, now }: Decision): Promise<void> {
  const user = await findAccount(address);
  if (!user || user.disabledAt || !(await mayMail("known", user.email, now))) return;
  await putMail(db, { kind: "known", userId: user.id, address: user.email, data: {}, now });
}

async function sendChange(db: Database, { address, now }: Decision, userId: string): Promise<void> {
  const user = await db.user.findUnique({ where: { id: userId } });
  if (!user || user.disabledAt) return;
  const owner = await findAccount(address);
  if (owner) return owner.id === userId ? sendVerification(db, owner, now) : tellOfInterest(db, owner, now);
  if (!(await mayMail("change", address, now))) return;
  const token = await createLink(db, { purpose: "verify", userId, email: address, now });
  await putMail(db, { kind: "change", userId, address, data: { token }, now });
}

async function tellOfInterest(db: Database, owner: Stored, now: Date): Promise<void> {
  if (owner.disabledAt || !(await mayMail("taken", owner.email, now))) return;
  await putMail(db, { kind: "taken", userId: owner.id, address: owner.email, data: {}, now });
}

/** Sends a link by which the owner of an account confirms its address, unless that is done. */
export async function sendVerification(db: Database, user: Stored, now: Date): Promise<void> {
  const { id: userId, email } = user;
  if (user.emailVerifiedAt || !(await mayMail("verify", email, now))) return;
  const token = await createLink(db, { purpose: "verify", userId, email, now });
  await putMail(db, { kind: "verify", userId, address: email, data: { token }, now });
}
