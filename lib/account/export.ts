import "server-only";
import { z } from "zod";
import { type Actor, recordEvent } from "@/lib/audit";
import { gatePrisma } from "@/lib/db";
import { listEndedSessions, listLiveSessions, listLiveSessionsAfter } from "@/lib/session/list/lists";
import {
  type ListedSession,
  type Session,
  type SessionView,
  sessionView,
  userView,
  viewSession,
  viewUser,
} from "@/lib/session/session";
import { findAccountById, userOf } from "./account";
import { type EventView, eventView, listActivity } from "./activity";
import { limitAccountWrites } from "./limit/rate-limit";

const PAGE = 500;

const time = z.iso.datetime();

/** Everything that is stored about a person, but for hashes and secrets. Times are RFC 3339 UTC. */
export const exportView = z.object({
  exported_at: time,
  user: userView.extend({ created_at: time }),
  sessions: z.array(sessionView),
  events: z.array(eventView),
  known_places: z.array(z.object({ place: z.string(), seen_at: time })),
  links: z.array(
    z.object({
      purpose: z.string(),
      email: z.string().nullable(),
      created_at: time,
      expires_at: time,
      used_at: time.nullable(),
    }),
  ),
});

/** The rows of a list, a page at a time, so that nobody holds all of a long one. */
export type Pages<T> = AsyncGenerator<T[], void, undefined>;

type Export = z.infer<typeof exportView>;
type Paged = "sessions" | "events";
type PagedExport = Omit<Export, Paged> & { [Name in Paged]: Pages<Export[Name][number]> };

/** The data of the owner of `current`, and an event that says so. Null if the account is gone. */
export async function exportAccount(
  { session: current, now }: { session: Session; now: Date },
  actor: Actor,
): Promise<PagedExport | null> {
  const { userId } = current;
  const stored = await findAccountById(userId);
  if (!stored) return null;
  await limitAccountWrites(userId, now);
  await recordEvent(gatePrisma(), { type: "exported", userId, sessionId: current.id, now }, actor);
  const [places, links] = await Promise.all([
    gatePrisma().knownPlace.findMany({ where: { userId }, orderBy: { seenAt: "desc" } }),
    gatePrisma().link.findMany({ where: { userId }, orderBy: { id: "desc" } }),
  ]);
  return {
    exported_at: now.toISOString(),
    user: { ...viewUser(userOf(stored)), created_at: stored.createdAt.toISOString() },
    sessions: everySession(current, now),
    events: everyEvent(userId),
    known_places: places.map(({ key, seenAt }) => ({ place: key, seen_at: seenAt.toISOString() })),
    links: links.map(({ purpose, email, createdAt, expiresAt, usedAt }) => ({
      purpose,
      email,
      created_at: createdAt.toISOString(),
      expires_at: expiresAt.toISOString(),
      used_at: usedAt?.toISOString() ?? null,
    })),
  };
}

/** All events of an account that are still kept, latest first. */
export function everyEvent(userId: string): Pages<EventView> {
  return pages((last: EventView | undefined) =>
    listActivity(userId, { take: PAGE, after: last && { at: new Date(last.at), id: last.id } }),
  );
}

/** The live sessions, then the history. */
async function* everySession(current: Session, now: Date): Pages<SessionView> {
  const view = (sessions: ListedSession[]) => sessions.map((each) => viewSession(each, current.id));
  for await (const live of everyLive(current, now)) yield view(live);
  for await (const ended of everyEnded(current, now)) yield view(ended);
}

async function* everyLive({ userId, id }: Session, now: Date): Pages<ListedSession> {
  const { sessions, total } = await listLiveSessions(userId, id, now);
  yield sessions;
  const last = sessions.at(-1);
  if (!last || sessions.length >= total) return;
  yield* pages((previous = last) => {
    const after = { at: previous.lastSeenAt, id: previous.id };
    return listLiveSessionsAfter(userId, id, now, { take: PAGE, after });
  });
}

function everyEnded({ userId, id }: Session, now: Date): Pages<ListedSession> {
  return pages((last: ListedSession | undefined) => {
    const after = last?.endedAt ? { at: last.endedAt, id: last.id } : undefined;
    return listEndedSessions(userId, id, now, { take: PAGE, after });
  });
}

async function* pages<T>(pageAfter: (last: T | undefined) => Promise<T[]>): Pages<T> {
  let last: T | undefined;
  for (let size = PAGE; size === PAGE; ) {
    const page = await pageAfter(last);
    yield page;
    last = page.at(-1);
    size = page.length;
  }
}
