import { z } from "zod";
import { Problem } from "@/lib/errors";
import { authenticatedRoute, json } from "@/lib/http/route";
import { type Session, viewSession } from "@/lib/session/session";
import { listEndedSessions, listLiveSessions } from "@/lib/session/store";

const PAGE = 50;

const querySchema = z.object({
  state: z.enum(["live", "ended"]).default("live"),
  cursor: z.string().max(100).optional(),
});

/** Points behind the last row of a page: its end and its id. */
const cursorSchema = z
  .string()
  .regex(/^\d{1,15}\.[0-9a-f-]{36}$/)
  .transform((text) => {
    const [time = "", id = ""] = text.split(".");
    return { endedAt: new Date(Number(time)), id };
  })
  .refine(({ endedAt, id }) => !Number.isNaN(endedAt.getTime()) && z.uuid().safeParse(id).success);

const cursorAfter = ({ endedAt, id }: Session) => `${endedAt?.getTime()}.${id}`;

/** The sessions of the caller's user: live ones, or with `?state=ended` the history, a page at a time. */
export const GET = authenticatedRoute(async ({ request, now, caller: { session } }) => {
  const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) throw new Problem("invalid_request", { errors: { state: ["Must be live or ended."] } });
  if (query.data.state === "live") {
    const live = await listLiveSessions(session.userId, session.id, now);
    return json({ sessions: live.map((each) => viewSession(each, session.id)) });
  }

  const after = cursorSchema.optional().safeParse(query.data.cursor);
  if (!after.success)
    throw new Problem("invalid_request", { errors: { cursor: ["This is not a cursor of ours."] } });
  const found = await listEndedSessions(session.userId, { take: PAGE + 1, after: after.data });
  const page = found.slice(0, PAGE);
  const last = page.at(-1);
  const cursor = last && found.length > PAGE ? cursorAfter(last) : null;
  return json({ sessions: page.map((each) => viewSession(each, session.id)), cursor });
});
