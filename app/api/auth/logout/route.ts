import { Problem } from "@/lib/errors";
import { clearSession, endingRoute, identify, noContent, route, seeOther } from "@/lib/http/route";
import { endOne } from "@/lib/session/end";

const end = endingRoute(async (call) => {
  const { session } = call.caller;
  // Somebody else was faster: the session has ended all the same, but not by this call.
  if (!(await endOne(session, session.id, call))) throw new Problem("session_ended");
  return clearSession(call, noContent());
});

/** The Log out button is a plain form: it always leaves on the login page, without a session. */
const leave = route(async (call) => {
  const verdict = await identify(call);
  if ("session" in verdict) await endOne(verdict.session, verdict.session.id, call);
  return clearSession(call, seeOther("/login?signed_out=1"));
});

/** Ends the caller's session. */
export const POST: typeof end = (request, segments) => {
  const isForm = request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded");
  return (isForm ? leave : end)(request, segments);
};
