import "server-only";
import type { SignIn } from "@/lib/account/account";
import type { Actor } from "@/lib/audit";
import { inBatches } from "@/lib/database/batches";
import { backgroundPrisma, type Database } from "@/lib/db";
import { PLACE_RETENTION } from "@/lib/limits";
import { networkOf } from "@/lib/network";

/** Where a sign-in comes from, as far as that can be known again: a browser by its cookie, a program by its network. */
function placeOf({ kind, browserId }: Pick<SignIn, "kind" | "browserId">, { ip }: Actor): string | null {
  if (kind === "api") return `network:${networkOf(ip)}`;
  return browserId && `browser:${browserId}`;
}

/**
 * Records the place from which an account signs in, and returns whether it is new. A browser that cannot be recognised counts
 * as new. Runs in the caller's transaction.
 */
export async function isNewPlace(
  db: Database,
  userId: string,
  signIn: Pick<SignIn, "kind" | "browserId" | "now">,
  actor: Actor,
): Promise<boolean> {
  const key = placeOf(signIn, actor);
  if (!key) return true;
  // Prisma's upsert does not say which of the two it did. No other transaction inserts here: the user is locked.
  const [row] = await db.$queryRaw<{ isNew: boolean }[]>`
    INSERT INTO known_places (user_id, key, seen_at) VALUES (${userId}::uuid, ${key}, ${signIn.now})
    ON CONFLICT (user_id, key) DO UPDATE SET seen_at = greatest(known_places.seen_at, excluded.seen_at)
    RETURNING xmax = 0 AS "isNew"`;
  return row?.isNew ?? true;
}

/** Forgets places that were not used for long, in batches; gives how many. */
export async function purgePlaces(now: Date): Promise<number> {
  const before = new Date(now.getTime() - PLACE_RETENTION);
  return inBatches(
    (size) => backgroundPrisma().$executeRaw`
      DELETE FROM known_places WHERE (user_id, key) IN (
        SELECT user_id, key FROM known_places WHERE seen_at < ${before} LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
}
