import { z } from "zod";
import { withMail } from "@/app/api/auth/link-route";
import { fields } from "@/app/api/auth/sign-in";
import { requestEmailChange } from "@/lib/account/change-email";
import { Problem } from "@/lib/errors";
import { readJson } from "@/lib/http/body";
import { authenticatedRoute, json, otherMethods, requireStepUp } from "@/lib/http/route";

const schema = z.strictObject({ email: fields.email });

/** Asks for another address of the caller's account. */
export const POST = withMail(
  authenticatedRoute(async (call) => {
    const { session, user } = call.caller;
    const { email } = await readJson(call.request, schema);
    requireStepUp(call);
    const asked = await requestEmailChange({ session, user, email, now: call.now }, call.actor);
    if (!asked.ok) throw new Problem(asked.code, { retryAfter: asked.retryAfter });
    return json({}, 202);
  }),
);

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
