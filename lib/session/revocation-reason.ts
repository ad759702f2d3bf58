import "server-only";
import pLimit from "p-limit";
import { nextTurn } from "@/lib/batch";
import { observeRevocation } from "@/lib/metrics";
import { type EndedSession, findEndedSessions } from "@/lib/session/list/lists";
import type { EndedReason } from "@/prisma/client/enums";
import { confirmEnded } from "./queries";
import { nameOf } from "./session";

/** Why and from where a session was ended; `at` is RFC 3339 UTC. */
export type EndOfSession = { reason: EndedReason; from: string | null; at: string };

/** Finds out what ended a session, for its own device. Null while it is live, and once it is purged. */
export async function explainEnd(sid: string): Promise<EndOfSession | null> {
  const session = (await findTogether(sid)).get(sid);
  if (!session?.endedAt || !session.endedReason) return null;
  const { endedBy, endedAt, endedReason } = session;
  const from = endedBy && nameOf(endedBy);
  return { reason: endedReason, from, at: endedAt.toISOString() };
}

// A thousand streams may end at once. They share a few queries, so that other requests get their turn and no query waits
// until it times out.
const MOST_TOGETHER = 500;
const inLine = pLimit(2);

type Together = { sids: string[]; found: Promise<Map<string, EndedSession>> };
let gathering: Together | null = null;

function findTogether(sid: string): Promise<Map<string, EndedSession>> {
  gathering ??= gather();
  const { sids, found } = gathering;
  if (sids.push(sid) === MOST_TOGETHER) gathering = null;
  return found;
}

function gather(): Together {
  const sids: string[] = [];
  const found = inLine(async () => {
    await nextTurn();
    if (gathering?.sids === sids) gathering = null;
    return new Map((await findEndedSessions(sids)).map((session) => [session.id, session]));
  });
  return { sids, found };
}

/** Records that the device of an ended session knows of the end. Only the first receipt counts. */
export async function acknowledgeEnd(sid: string, now: Date): Promise<void> {
  const seconds = await confirmEnded(sid, now);
  if (seconds !== null) observeRevocation("device", seconds);
}
