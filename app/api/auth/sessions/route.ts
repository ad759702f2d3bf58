import { z } from "zod";
import { readQuery } from "@/lib/http/body";
import { authenticatedRoute, json, otherMethods } from "@/lib/http/route";
import { listEndedSessions, listLiveSessions } from "@/lib/session/lists";
import { type ListedSession, viewSession } from "@/lib/session/session";

// Spares each request a proxy by which Next would find out.
export const dynamic = "force-dynamic";

const PAGE = 50;

const NO_CURSOR = "This is not a cursor of ours.";

/** Points behind the last row of a page: its end and its id. */
const cursorSchema = z
  .string()
  .regex(/^\d{1,15}\.[0-9a-f-]{36}$/, { error: NO_CURSOR, abort: true })
  .transform((text) => {
    const [time = "", id = ""] = text.split(".");
    return { endedAt: new Date(Number(time)), id };
  })
  .refine(({ endedAt, id }) => !Number.isNaN(endedAt.getTime()) && z.uuid().safeParse(id).success, NO_CURSOR);

const querySchema = z.object({
  state: z.enum(["live", "ended"], "Must be live or ended.").default("live"),
  cursor: cursorSchema.optional(),
});

const cursorAfter = ({ endedAt, id }: Pick<ListedSession, "endedAt" | "id">) => `${endedAt?.getTime()}.${id}`;

/** The sessions of the caller's user: live ones, or with `?state=ended` the history, a page at a time. */
export const GET = authenticatedRoute(async ({ request, now, caller: { session } }) => {
  const { state, cursor: after } = readQuery(request, querySchema);
  if (state === "live") {
    const live = await listLiveSessions(session.userId, session.id, now);
    return json({ sessions: live.map((each) => viewSession(each, session.id)) });
  }

  const found = await listEndedSessions(session.userId, { take: PAGE + 1, after });
  const page = found.slice(0, PAGE);
  const last = page.at(-1);
  const cursor = last && found.length > PAGE ? cursorAfter(last) : null;
  return json({ sessions: page.map((each) => viewSession(each, session.id)), cursor });
});

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
