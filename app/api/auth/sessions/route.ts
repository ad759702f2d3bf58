import { z } from "zod";
import { readQuery } from "@/lib/http/body";
import { authenticatedRoute, json, otherMethods } from "@/lib/http/route";
import { type Cursor, cursorAfter, cursorSchema } from "@/lib/session/cursor";
import { listEndedSessions, listLiveSessions, listLiveSessionsAfter } from "@/lib/session/lists";
import { type ListedSession, type Session, viewSession } from "@/lib/session/session";

// Spares each request a proxy by which Next would find out.
export const dynamic = "force-dynamic";

const PAGE = 50;

const querySchema = z.object({
  state: z.enum(["live", "ended"], "Must be live or ended.").default("live"),
  cursor: cursorSchema.optional(),
});

/** The sessions of the caller's user: live ones, or with `?state=ended` the history, a page at a time. */
export const GET = authenticatedRoute(async ({ request, now, caller: { session } }) => {
  const { state, cursor } = readQuery(request, querySchema);
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
  const cursor = last && found.length > PAGE ? cursorAfter(last, timeOf(last)) : null;
  return json({ sessions: sessions.map((each) => viewSession(each, current.id)), cursor });
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
