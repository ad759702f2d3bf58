import { BODIES } from "@/app/api/auth/bodies";
import { refusedProof, renewedAnswer } from "@/app/api/auth/renewed";
import { reauthenticate } from "@/lib/account/password/reauthenticate";
import { readJson } from "@/lib/http/body";
import { authenticatedRoute, otherMethods } from "@/lib/http/route";

/** Step-up (RFC 9470): the caller proves again who they are, and gets a new token for the same session. */
export const POST = authenticatedRoute(async (call) => {
  const { session, user } = call.caller;
  const { password } = await readJson(call.request, BODIES.reauthenticate);
  const result = await reauthenticate({ session, user, password, now: call.now }, call.actor);
  if (!result.ok) throw await refusedProof(call, result);
  return renewedAnswer(call, result);
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
