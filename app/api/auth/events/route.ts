import { Problem } from "@/lib/errors";
import { REFUSALS } from "@/lib/http/refusals";
import { type Call, identify, otherMethods, route } from "@/lib/http/route";
import type { Session } from "@/lib/session/session";
import { eventStream, lastWords } from "@/lib/streams/events";
import { watchingIsOver } from "@/lib/streams/watch";

const HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  // no-transform: a compressor on the way would hold events back.
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};

/** The caller's session, live or ended: its device may hear about it. */
async function listener(call: Call): Promise<{ session: Session; isLive: boolean }> {
  const verdict = await identify(call);
  if (!("session" in verdict)) throw new Problem(REFUSALS[verdict.reason]);
  // The server stops, and another one is about to take its place.
  if (verdict.ok && watchingIsOver()) throw new Problem("unavailable", { retryAfter: 1 });
  return { session: verdict.session, isLive: verdict.ok };
}

/**
 * What happens to the caller's session and to its siblings, as it happens, for open tabs (server-sent events). With `?list`
 * it begins with the version of the list of sessions.
 */
export const GET = route(async (call) => {
  const { session, isLive } = await listener(call);
  const tellsList = new URL(call.request.url).searchParams.has("list");
  const events = isLive ? eventStream(session, { tellsList }) : await lastWords(session.id);
  return new Response(events, { headers: HEADERS });
});

/** Next would answer with GET, and never end the stream that nobody reads. */
export const HEAD = route(async (call) => {
  await listener(call);
  return new Response(null, { headers: HEADERS });
});

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
