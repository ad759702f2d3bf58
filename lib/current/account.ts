import "server-only";
import { changePassword } from "@/lib/account/change-password";
import { reauthenticate } from "@/lib/account/reauthenticate";
import { requestContext } from "./request";
import { type Admitted, keepSession } from "./session";

// What actions may do with the account that is signed in. They pass the caller that the gate returned, never a user id.

type Changed = Awaited<ReturnType<typeof changePassword>>;

/**
 * Changes the password of this user: the other sessions end, this one is kept, with a new token in its cookie; actions
 * only. Gives how many ended. `session_ended`: this device has no live session any more. Throws `unavailable` when too
 * many passwords are being checked.
 */
export async function changeOwnPassword(
  { session, user }: Admitted,
  passwords: { current: string; next: string },
): Promise<{ ok: true; ended: number } | Extract<Changed, { ok: false }>> {
  const { now, actor } = await requestContext();
  const changed = await changePassword({ session, user, ...passwords, now }, actor);
  if (!changed.ok) return changed;
  await keepSession(changed.session, changed.token);
  return { ok: true, ended: changed.ended };
}

type Stepped = Awaited<ReturnType<typeof reauthenticate>>;

/**
 * Step-up: this user proves again, by the password, who they are. The session gets a new token in its cookie, and `needsStepUp`
 * is false for it; actions only. Returns the session as it is now, or why not. Throws `unavailable` like `changeOwnPassword`.
 */
export async function stepUp(
  caller: Admitted,
  password: string,
): Promise<{ ok: true; caller: Admitted } | Extract<Stepped, { ok: false }>> {
  const { now, actor } = await requestContext();
  const { session, user } = caller;
  const stepped = await reauthenticate({ session, user, password, now }, actor);
  if (!stepped.ok) return stepped;
  await keepSession(stepped.session, stepped.token);
  return { ok: true, caller: { ...caller, session: stepped.session, user: stepped.user } };
}
