import "server-only";
import { redirect } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { limitAccountWrites } from "@/lib/account/limit/rate-limit";
import { isUnavailable } from "@/lib/database/errors";
import { Problem } from "@/lib/errors";
import { STEP_UP_AFTER } from "@/lib/limits";
import { cursorAfter, cursorSchema } from "@/lib/session/list/cursor";
import { listVersion } from "@/lib/session/list/list-version";
import { type EndedSession, listEndedSessions, listLiveSessions } from "@/lib/session/list/lists";
import { renameSession } from "@/lib/session/queries";
import { acknowledgeEnd, type EndOfSession, explainEnd } from "@/lib/session/revocation-reason";
import {
  defaultName,
  endsAt,
  type ListedSession,
  nameOf,
  type Session,
  type SessionView,
  type User,
  viewSession,
} from "@/lib/session/session";
import { touchSession } from "@/lib/session/touch";
import { type Admitted, type Verdict, verifySession } from "@/lib/session/verify";
import { MINUTES } from "@/lib/time";
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

/** The same for a page that is for one role only. To everybody else it is a 403; see `available`. */
export async function requireRole(path: string, role: User["role"]): Promise<Admitted> {
  const caller = await requireSession(path);
  if (caller.user.role !== role) throw new Problem("forbidden");
  return caller;
}

/** Who is signed in, for headings. Redirects like `requireSession`. */
export async function requireUser(path: string): Promise<Pick<User, "name" | "email">> {
  const { user } = await requireSession(path);
  return { name: user.name, email: user.email };
}

/** A live session as the devices page shows it. Times are RFC 3339 UTC. */
export type LiveView = SessionView & { ends_at: string; default_name: string; custom_name: string | null };

/** An ended session as the pages show it: with the name of the device that ended it, and the receipt. */
export type EndedView = SessionView & { ended_from: string | null; confirmed_at: string | null };

/** The devices page also tells what ended this recently, in milliseconds, `MOST_RECENT` sessions at most. */
const RECENT = 10 * MINUTES;
const MOST_RECENT = 100;

/** What the devices page shows. */
export type Devices = {
  /** This session first. */
  live: LiveView[];
  /** How many are live: more than are listed in an account from before there was a limit. */
  total: number;
  recentlyEnded: EndedView[];
  /** What the list looks like; see `listVersion`. */
  version: string;
  /** From when on ending another session asks for the password; see `needsStepUp`. */
  stepUpAt: Date;
};

/** This user's live sessions, and those that ended in the last minutes. Redirects like `requireSession`. */
export async function listDevices(path: string): Promise<Devices> {
  const { session } = await requireSession(path);
  const now = requestTime();
  const since = new Date(now.getTime() - RECENT);
  const [{ sessions, total }, ended] = await Promise.all([
    listLiveSessions(session.userId, session.id, now),
    listEndedSessions(session.userId, session.id, now, { take: MOST_RECENT, since }),
  ]);
  return {
    total,
    live: sessions.map((each) => viewLive(each, session.id)),
    recentlyEnded: ended.map((each) => viewEnded(each, session.id)),
    version: listVersion(sessions, session.id),
    stepUpAt: new Date(session.authTime.getTime() + STEP_UP_AFTER),
  };
}

/** A live session of this user, or null. Redirects like `requireSession`. */
export async function findDevice(path: string, id: string): Promise<LiveView | null> {
  const { live } = await listDevices(path);
  return live.find((each) => each.id === id) ?? null;
}

/** Ended sessions on a page of the history. */
const PAGE = 50;

/** A page of this user's ended sessions, latest first, and the cursor of the next one. Redirects like `requireSession`. */
export async function listHistory(
  path: string,
  cursor: string | undefined,
): Promise<{ ended: EndedView[]; next: string | null }> {
  const { session } = await requireSession(path);
  // A cursor that is not ours is an old or a mistyped address: it leads to the beginning.
  const after = cursorSchema.optional().catch(undefined).parse(cursor);
  const found = await listEndedSessions(session.userId, session.id, requestTime(), { take: PAGE + 1, after });
  const ended = found.slice(0, PAGE);
  const last = ended.at(-1);
  return {
    ended: ended.map((each) => viewEnded(each, session.id)),
    next: last && found.length > PAGE ? cursorAfter(last, last.endedAt) : null,
  };
}

function viewLive(session: ListedSession, currentId: string): LiveView {
  return {
    ...viewSession(session, currentId),
    ends_at: endsAt(session).toISOString(),
    default_name: defaultName(session),
    custom_name: session.name,
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
  await limitAccountWrites(userId, now);
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
