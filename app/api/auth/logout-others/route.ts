import { Problem } from "@/lib/errors";
import { endingRoute, json, otherMethods } from "@/lib/http/route";
import { endOthers } from "@/lib/session/end";

/** Ends every other session of the caller's user. */
export const POST = endingRoute(async (call) => {
  const ended = await endOthers(call.caller.session, call);
  if (ended === null) throw new Problem("session_ended");
  return json({ ended });
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
