import "server-only";
import { findAccountById, type SignedIn } from "@/lib/account/account";
import { limitAccountWrites } from "@/lib/account/limit/rate-limit";
import type { Actor } from "@/lib/audit";
import { holdLive, lockUser } from "@/lib/session/queries";
import type { Session } from "@/lib/session/session";
import { startSession } from "./start-session";

/**
 * Makes a session for a program of the owner of `caller`. It lives for `lifetime` milliseconds and never idles out. Null if
 * the caller's session has ended meanwhile, or the account was disabled.
 */
export async function startApiSession(
  {
    caller,
    name,
    lifetime,
    location,
    now,
  }: { caller: Session; name: string; lifetime: number; location: string | null; now: Date },
  actor: Actor,
): Promise<SignedIn | null> {
  const user = await findAccountById(caller.userId);
  if (!user) return null;
  await limitAccountWrites(user.id, now);
  return startSession(
    {
      amr: caller.amr,
      madeIn: caller,
      async find(db) {
        const locked = await lockUser(db, user.id);
        return locked && !locked.disabled && (await holdLive(db, caller.id, now)) ? user : null;
      },
    },
    {
      kind: "api",
      keep: false,
      deviceName: name,
      location,
      device: null,
      browserId: null,
      replaces: null,
      lifetime: { absolute: lifetime, idle: lifetime },
      now,
    },
    actor,
  );
}
