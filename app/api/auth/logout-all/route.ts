import { Problem } from "@/lib/errors";
import { clearSession, json, otherMethods, requireStepUp, revokingRoute } from "@/lib/http/route";
import { revokeAllSessions } from "@/lib/session/revoke";

/** Ends every session of the caller's user, the caller's too. */
export const POST = revokingRoute(async (call) => {
  requireStepUp(call);
  const ended = await revokeAllSessions(call.caller.session, call);
  if (ended === null) throw new Problem("session_ended");
  return clearSession(call, json({ ended }));
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
