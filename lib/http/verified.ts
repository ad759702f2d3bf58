import "server-only";
import { viewSession, viewUser } from "@/lib/session/session";
import type { Admitted } from "@/lib/session/verify";

/** The JSON that says that a token is alive and whose it is: the same from the app and from the verifier. */
export function verifiedBody({ claims, session, user }: Omit<Admitted, "ok">): string {
  // The secret of the session is nobody's but the caller's.
  const { jti: _, ...shown } = claims;
  return JSON.stringify({
    ...shown,
    active: true,
    user: viewUser(user),
    session: viewSession(session, session.id),
  });
}
