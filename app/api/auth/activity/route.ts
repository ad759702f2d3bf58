import { asFile } from "@/app/api/auth/as-file";
import { QUERIES } from "@/app/api/auth/bodies";
import { listActivity } from "@/lib/account/activity";
import { everyEvent } from "@/lib/account/export";
import { readQuery } from "@/lib/http/body";
import { authenticatedRoute, json, otherMethods } from "@/lib/http/route";
import { cursorAfter } from "@/lib/session/list/cursor";

const PAGE = 50;

/** What happened to the caller's account, latest first: a page at a time, or with `?download` all of it as a file. */
export const GET = authenticatedRoute(async ({ request, caller: { session } }) => {
  const { cursor: after, download } = readQuery(request, QUERIES.activity);
  if (download !== undefined)
    return asFile("activity.json", { events: everyEvent(session.userId), cursor: null });
  const found = await listActivity(session.userId, { take: PAGE + 1, after });
  const events = found.slice(0, PAGE);
  const last = events.at(-1);
  const cursor = last && found.length > PAGE ? cursorAfter(last, new Date(last.at)) : null;
  return json({ events, cursor });
});

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
