import "server-only";
import { LRUCache } from "lru-cache";
import { viewSession, viewUser } from "@/lib/session/session";
import type { Admitted } from "@/lib/session/verify";
import { singleton } from "@/lib/singleton";

/** A body, and what it was made of. */
type Made = Pick<Admitted, "session" | "user"> & { seen: Date; body: string };

/** Sessions that are checked again and again are few; each takes about a kilobyte here. */
const MOST_REMEMBERED = 1_000;

// Making a body takes longer than all the rest of a check. Which claims the token has is its key: an opened token keeps them.
const bodies = singleton(
  "verified-bodies",
  () => new LRUCache<Admitted["claims"], Made>({ max: MOST_REMEMBERED }),
);

/** The JSON that says that a token is alive and whose it is: the same from the app and from the verifier. */
export function verifiedBody({ claims, session, user }: Omit<Admitted, "ok">): string {
  const made = bodies().get(claims);
  // A row that was read again is another object, and a session that is used gets another date.
  if (made?.session === session && made.user === user && made.seen === session.lastSeenAt) return made.body;
  // The secret of the session is nobody's but the caller's.
  const { jti: _, ...shown } = claims;
  const body = JSON.stringify({
    ...shown,
    active: true,
    user: viewUser(user),
    session: viewSession(session, session.id),
  });
  bodies().set(claims, { session, user, seen: session.lastSeenAt, body });
  return body;
}
