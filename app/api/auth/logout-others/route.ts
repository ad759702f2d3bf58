import { Problem } from "@/lib/errors";
import { json, otherMethods, requireStepUp, revokingRoute } from "@/lib/http/route";
import { revokeOtherSessions } from "@/lib/session/revoke";

/** Ends every other session of the caller's user. */
export const POST = revokingRoute(async (call) => {
  requireStepUp(call);
  const ended = await revokeOtherSessions(call.caller.session, call);
  if (ended === null) throw new Problem("session_ended");
  return json({ ended });
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
