import { Problem } from "@/lib/errors";
import { identify, REFUSALS, route } from "@/lib/http/route";
import { eventStream, lastWords } from "@/lib/session/events";
import { watchingIsOver } from "@/lib/session/watch";

/** What happens to the caller's session and to its siblings, as it happens, for open tabs (server-sent events). */
export const GET = route(async (call) => {
  const verdict = await identify(call);
  if (!verdict.ok && !("session" in verdict)) throw new Problem(REFUSALS[verdict.reason]);
  // The server stops, and another one is about to take its place.
  if (verdict.ok && watchingIsOver()) throw new Problem("unavailable", { retryAfter: 1 });
  const stream = verdict.ok ? eventStream(verdict.session) : await lastWords(verdict.session.id);
  return new Response(stream, {
    headers: {
      "Content-Type": "text/event-stream; charset=utf-8",
      // no-transform: a compressor on the way would hold events back.
      "Cache-Control": "no-store, no-transform",
      "X-Accel-Buffering": "no",
    },
  });
});
