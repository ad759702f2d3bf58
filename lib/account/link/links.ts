import "server-only";
import { inBatches } from "@/lib/database/batches";
import { backgroundPrisma, type Database, gatePrisma } from "@/lib/db";
import { LINK_LIFETIMES } from "@/lib/limits";
import { hashSecret, randomSecret } from "@/lib/token/token";
import type { Link } from "@/prisma/client/client";
import type { LinkPurpose } from "@/prisma/client/enums";

// Links in mails. Each works once: its use holds `lockUser` of the account, and marks it as used in the transaction of
// what it does. The token is 256 random bits, of which only the hash is stored.

export type { Link };

/** Makes a link and returns its token. Give it the transaction that writes the mail. */
export async function createLink(
  db: Database,
  {
    purpose,
    userId,
    email = null,
    sessionId = null,
    now,
  }: { purpose: LinkPurpose; userId: string; email?: string | null; sessionId?: string | null; now: Date },
): Promise<string> {
  const token = randomSecret();
  const tokenHash = await hashSecret(token);
  const expiresAt = new Date(now.getTime() + LINK_LIFETIMES[purpose]);
  await db.link.create({
    data: { purpose, tokenHash, userId, email, sessionId, createdAt: now, expiresAt },
    select: { id: true },
  });
  return token;
}

/** The link of a token, if it has this purpose and is still valid. Looking it up does not use it: see `spendLink`. */
export async function findLink(token: string, purpose: LinkPurpose, now: Date): Promise<Link | null> {
  const tokenHash = await hashSecret(token);
  return gatePrisma().link.findFirst({ where: { tokenHash, purpose, usedAt: null, expiresAt: { gt: now } } });
}

/** Whether a link is still good, in a transaction that holds `lockUser` of its account. */
export async function isGood(db: Database, { id }: Link): Promise<boolean> {
  return (await db.link.count({ where: { id, usedAt: null } })) === 1;
}

/** Marks a link as used. False if somebody else was faster: then do nothing of what it was for. */
export async function spendLink(db: Database, { id }: Link, now: Date): Promise<boolean> {
  const { count } = await db.link.updateMany({ where: { id, usedAt: null }, data: { usedAt: now } });
  return count === 1;
}

/** Invalidates every other unused link of an account, or those of some purposes. */
export async function killLinks(
  db: Database,
  { id, userId }: Pick<Link, "id" | "userId">,
  purposes?: LinkPurpose[],
): Promise<void> {
  await db.link.deleteMany({
    where: { userId, usedAt: null, id: { not: id }, ...(purposes && { purpose: { in: purposes } }) },
  });
}

/** Deletes expired links in batches; returns how many. */
export async function purgeLinks(now: Date): Promise<number> {
  return inBatches(
    (size) => backgroundPrisma().$executeRaw`
      DELETE FROM links WHERE id IN (
        SELECT id FROM links WHERE expires_at < ${now} LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
}
