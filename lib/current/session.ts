import "server-only";
import { redirect } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { isUnavailable } from "@/lib/database/errors";
import { type EndedSession, listEndedSessions, listLiveSessions } from "@/lib/session/lists";
import { renameSession } from "@/lib/session/queries";
import { acknowledgeEnd, type EndOfSession, explainEnd } from "@/lib/session/revocation-reason";
import {
  defaultName,
  endsAt,
  nameOf,
  type Session,
  type SessionView,
  type User,
  viewSession,
} from "@/lib/session/session";
import { touchSession } from "@/lib/session/touch";
import { type Admitted, type Verdict, verifySession } from "@/lib/session/verify";
import { clearedCookie, sealSessionCookie, sessionCookieName } from "@/lib/token/cookie";
import { requestContext, requestCredential, requestTime, writeCookie } from "./request";

// The data access layer of pages and actions. Nothing here takes a user id: the cookie says whose data it is. The gate is
// asked once per request (React's `cache`), and its answer is kept nowhere else: a kept answer would let an ended session in.

export type { Admitted };

/** What the gate says about this request. */
const verdict = cache(async (): Promise<Verdict> => {
  const answer = await verifySession(await requestCredential(), requestTime());
  if (answer.ok) touchSession(answer.session, requestTime());
  return answer;
});

/** The session of this request, or null. */
export async function getSession(): Promise<Admitted | null> {
  const current = await verdict();
  return current.ok ? current : null;
}

/** The session of this request. Without one, redirects to the login page, which leads back to `path`. */
export async function requireSession(path: string): Promise<Admitted> {
  return (await getSession()) ?? redirect(`/login?${new URLSearchParams({ next: path })}`);
}

/** Who is signed in, for headings. Redirects like `requireSession`. */
export async function requireUser(path: string): Promise<Pick<User, "name" | "email">> {
  const { user } = await requireSession(path);
  return { name: user.name, email: user.email };
}

/** A live session as the sessions page shows it. Times are RFC 3339 UTC. */
export type LiveView = SessionView & { ends_at: string; default_name: string; custom_name: string | null };

/** An ended session as the sessions page shows it: with the name of the device that ended it, and the receipt. */
export type EndedView = SessionView & { ended_from: string | null; confirmed_at: string | null };

/** Ended sessions that the page lists at most. */
export const ENDED_SHOWN = 20;

/**
 * This user's live sessions, this one first, `total` in all (more than are listed in an account from before there was a
 * limit), and the ones that ended last. Redirects like `requireSession`.
 */
export async function listSessions(
  path: string,
): Promise<{ live: LiveView[]; total: number; ended: EndedView[] }> {
  const { session } = await requireSession(path);
  const now = requestTime();
  const [{ sessions, total }, ended] = await Promise.all([
    listLiveSessions(session.userId, session.id, now),
    listEndedSessions(session.userId, session.id, now, { take: ENDED_SHOWN }),
  ]);
  return {
    total,
    live: sessions.map((each) => ({
      ...viewSession(each, session.id),
      ends_at: endsAt(each).toISOString(),
      default_name: defaultName(each),
      custom_name: each.name,
    })),
    ended: ended.map((each) => viewEnded(each, session.id)),
  };
}

function viewEnded(session: EndedSession, currentId: string): EndedView {
  const { endedBy } = session;
  return {
    ...viewSession(session, currentId),
    ended_from: endedBy && nameOf(endedBy),
    confirmed_at: session.confirmedAt?.toISOString() ?? null,
  };
}

/**
 * Clears the session cookie; for actions that then redirect. To a script, Next would answer with the page, which no longer
 * has a session and redirects by itself.
 */
export async function forgetSession(): Promise<void> {
  await writeCookie(clearedCookie(sessionCookieName()));
}

/** Renames a live session of this user; a null name restores the default. Returns the name it has now, or null. */
export async function nameSession(
  { session: { userId } }: Admitted,
  id: string,
  name: string | null,
): Promise<string | null> {
  if (!z.uuid().safeParse(id).success) return null;
  const { now, actor } = await requestContext();
  const renamed = await renameSession({ id, userId, name, now }, actor);
  return renamed && nameOf(renamed);
}

/** Puts the new token of this session into its cookie; actions only. */
export async function keepSession(session: Session, token: string): Promise<void> {
  await writeCookie(await sealSessionCookie(token, { ...session, now: requestTime() }));
}

/**
 * Whether this device comes with a session that nobody knows: after a sign-up with an address that has an account, see
 * app/api/auth/signup/route.ts.
 */
export async function hasUnknownSession(): Promise<boolean> {
  const current = await verdict();
  return !current.ok && current.reason === "unknown";
}

/** A read-only database stores no receipt, but the reason can be shown all the same. */
function withoutReceipt(error: unknown): void {
  if (!isUnavailable(error)) throw error;
}

/** Finds out what ended the session of this device, and records that the device knows. Null if nothing ended it. */
export async function explainSignOut(): Promise<EndOfSession | null> {
  const current = await verdict();
  if (current.ok || (current.reason !== "ended" && current.reason !== "disabled")) return null;
  const end = await explainEnd(current.session.id);
  if (end) await acknowledgeEnd(current.session.id, requestTime()).catch(withoutReceipt);
  return end;
}
