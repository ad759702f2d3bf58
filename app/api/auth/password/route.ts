import { BODIES } from "@/app/api/auth/bodies";
import { refusedProof, renewedAnswer } from "@/app/api/auth/renewed";
import { changePassword } from "@/lib/account/password/change-password";
import { Problem } from "@/lib/errors";
import { readJson } from "@/lib/http/body";
import { authenticatedRoute, otherMethods } from "@/lib/http/route";

/** Changes the caller's password: ends the other sessions, and gives the caller's a new token. */
export const POST = authenticatedRoute(async (call) => {
  const { session, user } = call.caller;
  const { current_password: current, new_password: next } = await readJson(
    call.request,
    BODIES.changePassword,
  );
  const result = await changePassword({ session, user, current, next, now: call.now }, call.actor);
  if (result.ok) return renewedAnswer(call, result, { ended: result.ended });
  if (result.code === "weak_password")
    throw new Problem("invalid_request", { errors: { new_password: [result.message] } });
  throw await refusedProof(call, result);
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
