import "server-only";
import { z } from "zod";
import { type Actor, recordEvent } from "@/lib/audit";
import { gatePrisma } from "@/lib/db";
import { listEndedSessions, listLiveSessions, listLiveSessionsAfter } from "@/lib/session/list/lists";
import {
  type ListedSession,
  type Session,
  sessionView,
  userView,
  viewSession,
  viewUser,
} from "@/lib/session/session";
import { findAccountById, userOf } from "./account";
import { type EventView, eventView, listActivity } from "./activity";

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

export type Export = z.infer<typeof exportView>;

/** The data of the owner of `current`, and an event that says so. Null if the account is gone. */
export async function exportAccount(
  { session: current, now }: { session: Session; now: Date },
  actor: Actor,
): Promise<Export | null> {
  const { userId } = current;
  const stored = await findAccountById(userId);
  if (!stored) return null;
  await recordEvent(gatePrisma(), { type: "exported", userId, sessionId: current.id, now }, actor);
  const [live, ended, events, places, links] = await Promise.all([
    allLive(current, now),
    allEnded(current, now),
    allEvents(userId),
    gatePrisma().knownPlace.findMany({ where: { userId }, orderBy: { seenAt: "desc" } }),
    gatePrisma().link.findMany({ where: { userId }, orderBy: { id: "desc" } }),
  ]);
  return {
    exported_at: now.toISOString(),
    user: { ...viewUser(userOf(stored)), created_at: stored.createdAt.toISOString() },
    sessions: [...live, ...ended].map((each) => viewSession(each, current.id)),
    events,
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

async function allLive({ userId, id }: Session, now: Date): Promise<ListedSession[]> {
  const { sessions, total } = await listLiveSessions(userId, id, now);
  for (let last = sessions.at(-1); last && sessions.length < total; ) {
    const more = await listLiveSessionsAfter(userId, id, now, {
      take: PAGE,
      after: { at: last.lastSeenAt, id: last.id },
    });
    sessions.push(...more);
    last = more.at(-1);
  }
  return sessions;
}

async function allEnded({ userId, id }: Session, now: Date): Promise<ListedSession[]> {
  return everyPage((last: ListedSession | undefined) => {
    const after = last?.endedAt ? { at: last.endedAt, id: last.id } : undefined;
    return listEndedSessions(userId, id, now, { take: PAGE, after });
  });
}

/** All events of an account that are still kept, latest first. */
export async function allEvents(userId: string): Promise<EventView[]> {
  return everyPage((last: EventView | undefined) =>
    listActivity(userId, { take: PAGE, after: last && { at: new Date(last.at), id: last.id } }),
  );
}

async function everyPage<T>(pageAfter: (last: T | undefined) => Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let size = PAGE; size === PAGE; ) {
    const page = await pageAfter(all.at(-1));
    all.push(...page);
    size = page.length;
  }
  return all;
}
