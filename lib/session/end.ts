import "server-only";
import { gatePrisma } from "@/lib/db";
import type { EndedReason } from "@/prisma/client/enums";
import { endSession, endSessionsOfUser, publishEndedOfUser } from "./revoke";
import type { Session } from "./session";
import { type Actor, holdLive, lockUser } from "./store";

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
 * devices that do this to each other at once, the second one ends nothing.
 */
export async function endOthers(caller: Session, { now, actor }: Context): Promise<number | null> {
  return endMany(caller, { reason: "logout_others", exceptId: caller.id }, { now, actor });
}

/** Ends every live session of the caller's user, the caller's too; gives how many. Null as above. */
export async function endAll(caller: Session, { now, actor }: Context): Promise<number | null> {
  return endMany(caller, { reason: "logout_all" }, { now, actor });
}

async function endMany(
  { id, userId }: Session,
  which: { reason: EndedReason; exceptId?: string },
  { now, actor }: Context,
): Promise<number | null> {
  const ended = await gatePrisma().$transaction(async (db) => {
    await lockUser(db, userId);
    if (!(await holdLive(db, id, now))) return null;
    return endSessionsOfUser(db, { userId, byId: id, ...which, now }, actor);
  });
  // Also where the caller turned out to have ended: being told so, it must be out everywhere.
  await publishEndedOfUser(ended ?? [], userId);
  return ended ? ended.length : null;
}
