import { BODIES, QUERIES } from "@/app/api/auth/bodies";
import { tokenBody } from "@/app/api/auth/sign-in";
import { startApiSession } from "@/lib/account/sign-in/api-session";
import { Problem } from "@/lib/errors";
import { clientLocation } from "@/lib/http/address";
import { readJson, readQuery } from "@/lib/http/body";
import { authenticatedRoute, json, otherMethods, requireStepUp } from "@/lib/http/route";
import { type Cursor, cursorAfter } from "@/lib/session/list/cursor";
import { listEndedSessions, listLiveSessions, listLiveSessionsAfter } from "@/lib/session/list/lists";
import { type ListedSession, type Session, viewSession } from "@/lib/session/session";
import { SECONDS } from "@/lib/time";

// Spares each request a proxy by which Next would find out.
export const dynamic = "force-dynamic";

const PAGE = 50;

/** The sessions of the caller's user: live ones, or with `?state=ended` the history, a page at a time. */
export const GET = authenticatedRoute(async ({ request, now, caller: { session } }) => {
  const { state, cursor } = readQuery(request, QUERIES.sessions);
  if (state === "ended") return pageOfEnded(session, now, cursor);
  return cursor ? pageOfLive(session, now, cursor) : firstOfLive(session, now);
});

/** All of them, except in an account from before there was a limit: there, with a cursor, those seen last. */
async function firstOfLive(current: Session, now: Date): Promise<Response> {
  const { sessions, total } = await listLiveSessions(current.userId, current.id, now);
  const views = sessions.map((each) => viewSession(each, current.id));
  const last = sessions.at(-1);
  const isAll = sessions.length >= total || !last;
  return json(isAll ? { sessions: views } : { sessions: views, cursor: cursorAfter(last, last.lastSeenAt) });
}

async function pageOfLive(current: Session, now: Date, after: Cursor): Promise<Response> {
  const found = await listLiveSessionsAfter(current.userId, current.id, now, { take: PAGE + 1, after });
  return page(found, current, (last) => last.lastSeenAt);
}

async function pageOfEnded(current: Session, now: Date, after: Cursor | undefined): Promise<Response> {
  const found = await listEndedSessions(current.userId, current.id, now, { take: PAGE + 1, after });
  return page(found, current, (last) => last.endedAt);
}

/** `found` has one more than a page where there is a next one. `timeOf`: the time by which they are sorted. */
function page(
  found: ListedSession[],
  current: Session,
  timeOf: (session: ListedSession) => Date | null,
): Response {
  const sessions = found.slice(0, PAGE);
  const last = sessions.at(-1);
  const at = last && timeOf(last);
  const cursor = at && found.length > PAGE ? cursorAfter(last, at) : null;
  return json({ sessions: sessions.map((each) => viewSession(each, current.id)), cursor });
}

/**
 * Makes a session for a program. The token is shown once, to a browser too: it is not the token of the caller's own session.
 */
export const POST = authenticatedRoute(async (call) => {
  const { name, expires_in } = await readJson(call.request, BODIES.newSession);
  requireStepUp(call);
  const { session: caller } = call.caller;
  const location = clientLocation(call.request.headers);
  const asked = { caller, name, lifetime: expires_in * SECONDS, location, now: call.now };
  const made = await startApiSession(asked, call.actor);
  if (!made) throw new Problem("session_ended");
  return json(tokenBody(made), 201);
});

export const { DELETE, OPTIONS, PATCH, PUT } = otherMethods("GET", "HEAD", "POST");
