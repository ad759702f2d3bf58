import { deleteAccount } from "@/lib/account/delete-account";
import { Problem } from "@/lib/errors";
import { clearSession, noContent, otherMethods, requireStepUp, revokingRoute } from "@/lib/http/route";

/** Deletes the caller's account, after it has ended every session. */
export const DELETE = revokingRoute(async (call) => {
  requireStepUp(call);
  const { session, user } = call.caller;
  if (!(await deleteAccount({ session, user, now: call.now }, call.actor)))
    throw new Problem("session_ended");
  return clearSession(call, noContent());
});

export const { GET, OPTIONS, PATCH, POST, PUT } = otherMethods("DELETE");
