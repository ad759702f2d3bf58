import "server-only";
import { observeRevocation } from "@/lib/metrics";
import type { EndedReason } from "@/prisma/client/enums";
import { defaultName } from "./session";
import { confirmEnded, findEndedSession } from "./store";

/** Why and from where a session was ended; `at` is RFC 3339 UTC. */
export type EndOfSession = { reason: EndedReason; from: string | null; at: string };

/** What ended a session, for its own device; null while it lives, or once it is purged. */
export async function explainEnd(sid: string): Promise<EndOfSession | null> {
  const session = await findEndedSession(sid);
  if (!session?.endedAt || !session.endedReason) return null;
  const { endedBy, endedAt, endedReason } = session;
  const from = endedBy ? (endedBy.name ?? defaultName(endedBy)) : null;
  return { reason: endedReason, from, at: endedAt.toISOString() };
}

/** Notes the receipt: the device of an ended session knows of its end. Only the first one counts. */
export async function acknowledgeEnd(sid: string, now: Date): Promise<void> {
  const seconds = await confirmEnded(sid, now);
  if (seconds !== null) observeRevocation("device", seconds);
}
