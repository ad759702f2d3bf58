import "server-only";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { isUnavailable } from "@/lib/database/errors";
import type { FieldErrors } from "@/lib/errors";
import { cookieValue } from "@/lib/http/cookies";
import { pageCredentialOf } from "@/lib/http/credential";
import { noteAction } from "@/lib/http/node-server/exchange";
import { preferredLocale } from "@/lib/http/locale";
import { isFromOwnPage } from "@/lib/http/origin";
import { actorOf } from "@/lib/http/request";
import {
  type Cookie,
  clearedCookie,
  formCookieName,
  openCookie,
  sealSessionCookie,
  sessionCookieName,
} from "@/lib/token/cookie";
import type { Credential } from "@/lib/token/credential";
import { endAll, endOne, endOthers } from "@/lib/session/end";
import { acknowledgeEnd, type EndOfSession, explainEnd } from "@/lib/session/revocation-reason";
import { type EndedSession, findEndedSessions, listEndedSessions, listLiveSessions } from "@/lib/session/lists";
import { noteSeen } from "@/lib/session/touch";
import { defaultName, endsAt, type Session, type SessionView, type User, viewSession } from "@/lib/session/session";
import { type Actor, renameSession } from "@/lib/session/queries";
import { type Verdict, verifySession } from "@/lib/session/verify";

// The data access layer of pages and actions. Nothing here takes a user id: whose data it is, the cookie says. The gate
// is asked once per request (React's `cache`), and its answer is kept nowhere else: a cached answer would let an ended
// session in.

type Current = Extract<Verdict, { ok: true }>;

/** The moment of this request: one reading of the clock for everything that a page shows. */
export const requestTime = cache(() => new Date());

/** Cookies that an action has set: the page that is rendered after it must see them, by the same headers. */
const written = new WeakMap<object, Map<string, string>>();

async function credential(): Promise<Credential | null> {
  const all = await headers();
  const value = written.get(all)?.get(sessionCookieName());
  if (value === undefined) return pageCredentialOf(all);
  return value === "" ? null : { form: "cookie", value };
}

const verdict = cache(async (): Promise<Verdict> => {
  const answer = await verifySession(await credential(), requestTime());
  if (answer.ok) noteSeen(answer.session, requestTime());
  return answer;
});

/** The locale (BCP 47) in which this browser wants its times. */
export const requestLocale = cache(async () => preferredLocale((await headers()).get("accept-language")));

/**
 * Whether a server action was called by a page of this site. Next lets calls without an Origin through; we do not. Every
 * action asks this first: what fails before is what was sent, and a 400.
 */
export async function isSameOriginAction(): Promise<boolean> {
  const sent = await headers();
  noteAction(sent);
  return isFromOwnPage(sent);
}

/**
 * Whether a server action was called by a script; without one, the answer is a page of its own. Such a page is a full
 * navigation already, and can simply be redirected.
 */
export async function isScriptedAction(): Promise<boolean> {
  return (await headers()).has("next-action");
}

const typedSchema = z.object({
  email: z.string(),
  name: z.string(),
  keep: z.boolean(),
  errors: z.record(z.string(), z.array(z.string())),
});

/** What was typed in a form that was refused, never its password, and what was wrong with it. */
export async function typedInForm(): Promise<{
  email: string;
  name: string;
  keep: boolean;
  errors: FieldErrors;
}> {
  const value = cookieValue(await headers(), formCookieName());
  const typed = typedSchema.safeParse(value ? await openCookie(value) : null);
  return typed.data ?? { email: "", name: "", keep: false, errors: {} };
}

async function context(): Promise<{ now: Date; actor: Actor }> {
  return { now: requestTime(), actor: actorOf(await headers()) };
}

/** The session of this request, or null. */
export async function getSession(): Promise<Current | null> {
  const current = await verdict();
  return current.ok ? current : null;
}

/** The session of this request; without one, off to the login page, which brings people back to `path`. */
export async function requireSession(path: string): Promise<Current> {
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

/** So many ended sessions are listed at most. */
export const ENDED_SHOWN = 20;

/**
 * This user's live sessions, this one first, `total` in all (more than are listed in an account from before there was a
 * limit), and the ones that ended last. Redirects like `requireSession`.
 */
export async function listSessions(
  path: string,
): Promise<{ live: LiveView[]; total: number; ended: EndedView[] }> {
  const { session } = await requireSession(path);
  // One after the other: the first ends what is overdue, and the second shows it.
  const { sessions, total } = await listLiveSessions(session.userId, session.id, requestTime());
  const ended = await listEndedSessions(session.userId, { take: ENDED_SHOWN });
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
    ended_from: endedBy ? (endedBy.name ?? defaultName(endedBy)) : null,
    confirmed_at: session.confirmedAt?.toISOString() ?? null,
  };
}

type NotDone = { result: "not_found" } | { result: "signed_out" };

/**
 * Ends one session of this user; gives its name. `signed_out`: this device has no live session, or has just ended its
 * own.
 */
export async function endSession(id: string): Promise<NotDone | { result: "ended"; name: string }> {
  const current = await getSession();
  if (!current) return { result: "signed_out" };
  if (!z.uuid().safeParse(id).success) return { result: "not_found" };
  const ended = await endOne(current.session, id, await context());
  if (!ended) return { result: "not_found" };
  if (id === current.session.id) return { result: "signed_out" };
  const [row] = await findEndedSessions([id]);
  return { result: "ended", name: row?.name ?? (row ? defaultName(row) : "a session") };
}

/** Ends this user's other sessions; gives how many, or null when this device has no live session. */
export async function endOtherSessions(): Promise<number | null> {
  const current = await getSession();
  return current ? endOthers(current.session, await context()) : null;
}

/** Ends all of this user's sessions, this one too. */
export async function endEverySession(): Promise<void> {
  const current = await verdict();
  if (current.ok) await endAll(current.session, await context());
  // As `endingRoute`: what has ended already may not have been answered yet.
  else if ("session" in current) await endOne(current.session, current.session.id, await context());
}

/**
 * Takes the session cookie back; actions only, and only those that then redirect. To a script, Next would answer with
 * the page, which has no session any more and redirects by itself.
 */
export async function forgetSession(): Promise<void> {
  await writeCookie(clearedCookie(sessionCookieName()));
}

/** Names a live session of this user; null gives it its default name back. Gives the name that it now has. */
export async function nameSession(
  id: string,
  name: string | null,
): Promise<NotDone | { result: "named"; name: string }> {
  const current = await getSession();
  if (!current) return { result: "signed_out" };
  if (!z.uuid().safeParse(id).success) return { result: "not_found" };
  const { now, actor } = await context();
  const renamed = await renameSession({ id, userId: current.session.userId, name, now }, actor);
  return renamed ? { result: "named", name: renamed.name ?? defaultName(renamed) } : { result: "not_found" };
}

/** Puts the new token of this session into its cookie; actions only. */
export async function keepSession(session: Session, token: string): Promise<void> {
  await writeCookie(await sealSessionCookie(token, { ...session, now: requestTime() }));
}

async function writeCookie({ name, value, ...attributes }: Cookie): Promise<void> {
  (await cookies()).set(name, value, attributes);
  const all = await headers();
  written.set(all, new Map(written.get(all)).set(name, value));
}

/**
 * Whether this device comes with a session that nobody knows: after a sign-up with an address that has an account, see
 * app/api/auth/signup/route.ts.
 */
export async function hasUnknownSession(): Promise<boolean> {
  const current = await verdict();
  return !current.ok && current.reason === "unknown";
}

/** A database that only reads takes no receipt, and is no reason to say nothing. */
function withoutReceipt(error: unknown): void {
  if (!isUnavailable(error)) throw error;
}

/** What ended the session of this device, or null when nothing did. The device now knows, which is its receipt. */
export async function explainSignOut(): Promise<EndOfSession | null> {
  const current = await verdict();
  if (current.ok || (current.reason !== "ended" && current.reason !== "disabled")) return null;
  const end = await explainEnd(current.session.id);
  if (end) await acknowledgeEnd(current.session.id, requestTime()).catch(withoutReceipt);
  return end;
}
