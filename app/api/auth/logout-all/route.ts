import { Problem } from "@/lib/errors";
import { authenticatedRoute, clearSession, json } from "@/lib/http/route";
import { endAll } from "@/lib/session/end";

/** Ends every session of the caller's user, the caller's too. */
export const POST = authenticatedRoute(async (call) => {
  const ended = await endAll(call.caller.session, call);
  if (ended === null) throw new Problem("session_ended");
  return clearSession(call, json({ ended }));
});
