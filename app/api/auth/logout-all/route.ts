import { Problem } from "@/lib/errors";
import { clearSession, endingRoute, json, otherMethods } from "@/lib/http/route";
import { endAll } from "@/lib/session/end";

/** Ends every session of the caller's user, the caller's too. */
export const POST = endingRoute(async (call) => {
  const ended = await endAll(call.caller.session, call);
  if (ended === null) throw new Problem("session_ended");
  return clearSession(call, json({ ended }));
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
