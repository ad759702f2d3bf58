import { BODIES } from "@/app/api/auth/bodies";
import { linkRoute } from "@/app/api/auth/link-route";
import { requestReset } from "@/lib/account/link/reset-password";
import { Problem } from "@/lib/errors";
import { otherMethods } from "@/lib/http/route";

const PAGE = "/forgot-password";

/** Asks for a link to choose a new password. Whether the address has an account shows in its mailbox only. */
export const POST = linkRoute(PAGE, BODIES.forgot, async (call, { email }) => {
  const asked = await requestReset({ email, now: call.now }, call.actor);
  if (!asked.ok) throw new Problem(asked.code, { retryAfter: asked.retryAfter });
  return { body: {}, status: 202, next: `${PAGE}?sent=1` };
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
