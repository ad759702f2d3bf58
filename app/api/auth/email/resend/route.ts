import { withMail } from "@/app/api/auth/link-route";
import { resendVerification } from "@/lib/account/link/verify-email";
import { authenticatedRoute, json, otherMethods } from "@/lib/http/route";

/** Sends the caller a link to confirm their address, unless that is done. */
export const POST = withMail(
  authenticatedRoute(async (call) => {
    await resendVerification({ userId: call.caller.user.id, now: call.now }, call.actor);
    return json({}, 202);
  }),
);

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
