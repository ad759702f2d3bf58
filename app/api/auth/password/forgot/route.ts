import { z } from "zod";
import { requireMail } from "@/app/api/auth/link-route";
import { fields } from "@/app/api/auth/sign-in";
import { requestReset } from "@/lib/account/reset-password";
import { Problem } from "@/lib/errors";
import { readJson } from "@/lib/http/body";
import { credentialOf } from "@/lib/http/credential";
import { requireSameOrigin } from "@/lib/http/origin";
import { json, otherMethods, route } from "@/lib/http/route";

const schema = z.strictObject({ email: fields.typedEmail });

/** Asks for a link to choose a new password. Whether the address has an account shows in its mailbox only. */
export const POST = route(async (call) => {
  requireMail();
  if (credentialOf(call.request.headers)?.form === "cookie") requireSameOrigin(call.request.headers);
  const { email } = await readJson(call.request, schema);
  const asked = await requestReset({ email, now: call.now }, call.actor);
  if (!asked.ok) throw new Problem(asked.code, { retryAfter: asked.retryAfter });
  return json({}, 202);
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
