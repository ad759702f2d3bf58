import "server-only";
import { type Database, gatePrisma, inTransaction } from "@/lib/db";
import { barrier } from "@/lib/revocation/barrier";
import { sessionCache } from "./cache";
import { holdLive, type LockedUser, lockUser, type NewSecret, replaceSecret } from "./queries";
import type { Session } from "./session";

/**
 * Gives the caller's session a new secret, then passes the barrier: once this resolves, every instance refuses its old token.
 * Null if the session has ended, if another call with the same token came first, or if `mayGoOn` refuses. `note` writes into the
 * same transaction.
 */
export async function renewSession(
  caller: Session,
  secret: NewSecret,
  { mayGoOn, note }: { mayGoOn: (user: LockedUser) => boolean; note: (db: Database) => Promise<void> },
): Promise<Session | null> {
  const { id, userId } = caller;
  const renewed = await inTransaction(gatePrisma(), async (db) => {
    const user = await lockUser(db, userId);
    if (!user || !mayGoOn(user) || !(await holdLive(db, id, secret.now))) return null;
    const session = await replaceSecret(db, caller, secret);
    if (session) await note(db);
    return session;
  });
  sessionCache().invalidateOwner(userId);
  await barrier();
  return renewed;
}
