import "server-only";
import { createHash } from "node:crypto";
import type { ListedSession } from "@/lib/session/session";

/**
 * Names what a list of live sessions shows: two lists with the same version look the same. When the caller's own session,
 * `currentId`, was last seen does not count, since showing the list is a use of it.
 */
export function listVersion(sessions: ListedSession[], currentId: string): string {
  const shown = sessions.map(({ id, name, lastSeenAt, expiresAt }) => [
    id,
    name,
    id === currentId ? null : lastSeenAt.getTime(),
    expiresAt.getTime(),
  ]);
  return createHash("sha256").update(JSON.stringify(shown)).digest("base64url").slice(0, 16);
}
