import "server-only";
import { env } from "@/lib/env";
import { createCache } from "@/lib/revocation/cache";
import { singleton } from "@/lib/singleton";
import type { SessionWithUser } from "./session";

// The live sessions that this process may answer for without a query. A revocation invalidates its entry in every instance
// before it is answered: docs/revocation.md.

/** Bytes of heap that one cached session takes, strings included. Checked against a heap in `npm run bench`. */
export function bytesOf({ session, user }: SessionWithUser): number {
  const text = [
    user.email,
    user.name,
    session.name,
    session.browser,
    session.os,
    session.ip,
    session.location,
  ];
  return 1_850 + text.reduce((sum, each) => sum + (each?.length ?? 0), 0);
}

export const sessionCache = singleton("sessions", () =>
  createCache<SessionWithUser>({
    max: env().cachedSessions,
    averageSize: 2_560,
    sizeOf: bytesOf,
    ownerOf: ({ user }) => user.id,
    isCacheable: ({ session, user }) => !session.endedAt && !user.disabled,
  }),
);
