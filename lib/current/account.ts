import "server-only";
import { z } from "zod";
import { type EventView, listActivity } from "@/lib/account/activity";
import { deleteAccount } from "@/lib/account/delete-account";
import { requestEmailChange } from "@/lib/account/link/change-email";
import { reportOwnSession } from "@/lib/account/link/report";
import { resendVerification } from "@/lib/account/link/verify-email";
import { changePassword } from "@/lib/account/password/change-password";
import { reauthenticate } from "@/lib/account/password/reauthenticate";
import { startApiSession } from "@/lib/account/sign-in/api-session";
import { cursorAfter, cursorSchema } from "@/lib/session/list/cursor";
import { needsStepUp, type SessionView, viewSession } from "@/lib/session/session";
import { requestContext, requestLocation, requestTime } from "./request";
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

type Stepped =
  | { ok: true; caller: Admitted }
  | Extract<Awaited<ReturnType<typeof reauthenticate>>, { ok: false }>;

/**
 * Step-up: this user proves again, by the password, who they are. The session gets a new token in its cookie, and `needsStepUp`
 * is false for it; actions only. Returns the session as it is now, or why not. Throws `unavailable` like `changeOwnPassword`.
 */
export async function stepUp(caller: Admitted, password: string): Promise<Stepped> {
  const { now, actor } = await requestContext();
  const { session, user } = caller;
  const stepped = await reauthenticate({ session, user, password, now }, actor);
  if (!stepped.ok) return stepped;
  await keepSession(stepped.session, stepped.token);
  return { ok: true, caller: { ...caller, session: stepped.session, user: stepped.user } };
}

/**
 * Step-up where it is due: the caller unchanged if they proved who they are recently, or after `stepUp` with this password;
 * otherwise why not. Actions only.
 */
export async function proveCaller(
  caller: Admitted,
  password: string | undefined,
): Promise<Stepped | { ok: false; code: "password_needed" }> {
  if (!needsStepUp(caller.session, requestTime())) return { ok: true, caller };
  return password ? stepUp(caller, password) : { ok: false, code: "password_needed" };
}

/** Whether this server sends mail: without it, nothing that needs it is offered. */
export { mailIsOn } from "@/lib/mail/outbox";

/** Sends this user another link to confirm their address, unless that is done. */
export async function resendOwnVerification({ user }: Admitted): Promise<void> {
  const { now, actor } = await requestContext();
  await resendVerification({ userId: user.id, now }, actor);
}

/** Whether an address is one that an account can have, in its one spelling; null if not. */
export { normaliseEmail } from "@/lib/account/email";

/** Asks for another address for this user, `email` in its one spelling. Ask `needsStepUp` before. */
export async function changeOwnEmail(
  { session, user }: Admitted,
  email: string,
): ReturnType<typeof requestEmailChange> {
  const { now, actor } = await requestContext();
  return requestEmailChange({ session, user, email, now }, actor);
}

/**
 * Makes a session for a program of this user, for `lifetime` milliseconds. Its token is shown once. Ask `needsStepUp` before.
 * Null if this device has no live session any more.
 */
export async function makeApiSession(
  { session: caller }: Admitted,
  { name, lifetime }: { name: string; lifetime: number },
): Promise<{ token: string; session: SessionView } | null> {
  const { now, actor } = await requestContext();
  const location = await requestLocation();
  const made = await startApiSession({ caller, name, lifetime, location, now }, actor);
  return made && { token: made.token, session: viewSession(made.session, caller.id) };
}

export type { EventType } from "@/lib/audit";

/** Events on a page of the activity. */
const PAGE = 50;

/** A page of what happened to the account of this user, latest first, and the cursor of the next one. `types` as of events. */
export async function activityPage(
  { user }: Admitted,
  { cursor, types }: { cursor?: string | undefined; types?: readonly string[] | undefined },
): Promise<{ events: EventView[]; next: string | null }> {
  // A cursor that is not ours is an old or a mistyped address: it leads to the beginning.
  const after = cursorSchema.optional().catch(undefined).parse(cursor);
  const found = await listActivity(user.id, { take: PAGE + 1, after, types });
  const events = found.slice(0, PAGE);
  const last = events.at(-1);
  return { events, next: last && found.length > PAGE ? cursorAfter(last, new Date(last.at)) : null };
}

/**
 * "This wasn't me", of a device of this user: ends it and the API sessions, or with `everything` all other sessions. Ask
 * `needsStepUp` before. Returns how many ended, or null as above.
 */
export async function reportOwnDevice(
  { session: caller }: Admitted,
  { id, everything }: { id: string; everything: boolean },
): Promise<number | null> {
  if (!z.uuid().safeParse(id).success) return 0;
  const { now, actor } = await requestContext();
  return reportOwnSession({ caller, id, everything, now }, actor);
}

/** Deletes the account of this user, after every session has ended. Ask `needsStepUp` before. False as above. */
export async function deleteOwnAccount({ session, user }: Admitted): Promise<boolean> {
  const { now, actor } = await requestContext();
  return deleteAccount({ session, user, now }, actor);
}
