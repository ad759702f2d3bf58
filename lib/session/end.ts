import "server-only";
import type { EndedReason } from "@/prisma/client/enums";
import { endCaller, endOtherSessions, endSession } from "./revoke";
import type { Session } from "./session";
import type { Actor } from "./queries";

// What the owner of a session may end. `caller` is the session that asks, as the gate gave it. When a promise here
// resolves, every instance refuses what was ended.

type Context = { now: Date; actor: Actor };

/** Ends one session of the caller's user, perhaps the caller itself. False when it is not there, or ended already. */
export async function endOne(caller: Session, id: string, { now, actor }: Context): Promise<boolean> {
  const { userId } = caller;
  const ending: { reason: EndedReason; byId?: string } =
    id === caller.id ? { reason: "logout" } : { reason: "ended_from_another_device", byId: caller.id };
  return endSession({ id, userId, ...ending, now }, actor);
}

/**
 * Ends every other live session of the caller's user; gives how many. Null when the caller was ended meanwhile: of two
 * devices that do this to each other at once, one is told that it has ended.
 */
export async function endOthers(caller: Session, { now, actor }: Context): Promise<number | null> {
  return endOtherSessions(caller, { reason: "logout_others", now }, actor);
}

/**
 * Ends every live session of the caller's user, the caller's last, so that it can repeat what was interrupted; gives how
 * many. Null as above.
 */
export async function endAll(caller: Session, { now, actor }: Context): Promise<number | null> {
  const ending = { reason: "logout_all", now } as const;
  return endOtherSessions(caller, ending, actor, { finish: (db) => endCaller(db, caller, ending, actor) });
}
