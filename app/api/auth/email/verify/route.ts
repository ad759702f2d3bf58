import { BODIES } from "@/app/api/auth/bodies";
import { linkRoute } from "@/app/api/auth/link-route";
import { verifyEmail } from "@/lib/account/link/verify-email";
import { Problem } from "@/lib/errors";
import { otherMethods } from "@/lib/http/route";
import { LINK_PAGES } from "@/lib/mail/messages";

/** Uses a link that confirms an address. */
export const POST = linkRoute(LINK_PAGES.verify, BODIES.verifyEmail, async (call, { token }) => {
  const email = await verifyEmail({ token, now: call.now }, call.actor);
  if (email === null) throw new Problem("invalid_link");
  return { body: { email }, next: `${LINK_PAGES.verify}?done=1` };
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
