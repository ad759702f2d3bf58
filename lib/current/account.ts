import "server-only";
import { headers } from "next/headers";
import { actorOf } from "@/lib/http/request";
import { getSession, keepSession, requestTime } from "./session";
import { changePassword } from "@/lib/account/change-password";

// What pages and actions may do with the account that is signed in. As in lib/current/session.ts, nothing takes a user
// id: whose account it is, the cookie says.

type Changed = Awaited<ReturnType<typeof changePassword>>;

/**
 * Changes the password of this user: the other sessions end, this one is kept, with a new token in its cookie; actions
 * only. Gives how many ended. `session_ended`: this device has no live session. Throws `unavailable` when too many
 * passwords are being checked.
 */
export async function changeOwnPassword(passwords: {
  current: string;
  next: string;
}): Promise<{ ok: true; ended: number } | Extract<Changed, { ok: false }>> {
  const signedIn = await getSession();
  if (!signedIn) return { ok: false, code: "session_ended" };
  const { session, user } = signedIn;
  const changed = await changePassword(
    { session, user, ...passwords, now: requestTime() },
    actorOf(await headers()),
  );
  if (!changed.ok) return changed;
  await keepSession(session, changed.token);
  return { ok: true, ended: changed.ended };
}
