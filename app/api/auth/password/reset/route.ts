import { BODIES } from "@/app/api/auth/bodies";
import { linkRoute } from "@/app/api/auth/link-route";
import { resetPassword } from "@/lib/account/link/reset-password";
import { Problem } from "@/lib/errors";
import { otherMethods } from "@/lib/http/route";
import { LINK_PAGES } from "@/lib/mail/messages";

/** Uses a link to set a new password, and ends every session. */
export const POST = linkRoute(LINK_PAGES.reset, BODIES.reset, async (call, body) => {
  const { token, new_password: password } = body;
  const result = await resetPassword({ token, password, now: call.now }, call.actor);
  if (result.ok) return { body: { ended: result.ended }, next: `${LINK_PAGES.reset}?done=1` };
  if (result.code === "invalid_link") throw new Problem("invalid_link");
  throw new Problem("invalid_request", { errors: { new_password: [result.message] } });
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
