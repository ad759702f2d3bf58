import { BODIES } from "@/app/api/auth/bodies";
import { withMail } from "@/app/api/auth/link-route";
import { requestEmailChange } from "@/lib/account/link/change-email";
import { Problem } from "@/lib/errors";
import { readJson } from "@/lib/http/body";
import { authenticatedRoute, json, otherMethods, requireStepUp } from "@/lib/http/route";

/** Asks for another address of the caller's account. */
export const POST = withMail(
  authenticatedRoute(async (call) => {
    const { session, user } = call.caller;
    const { email } = await readJson(call.request, BODIES.changeEmail);
    requireStepUp(call);
    const asked = await requestEmailChange({ session, user, email, now: call.now }, call.actor);
    if (!asked.ok) throw new Problem(asked.code, { retryAfter: asked.retryAfter });
    return json({}, 202);
  }),
);

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
