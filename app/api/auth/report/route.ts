import { BODIES } from "@/app/api/auth/bodies";
import { linkRoute } from "@/app/api/auth/link-route";
import { reportSession } from "@/lib/account/link/report";
import { Problem } from "@/lib/errors";
import { otherMethods } from "@/lib/http/route";
import { LINK_PAGES } from "@/lib/mail/messages";

/** "This wasn't me": uses the link of a notice, ends what it was about, and opens a reset of the password. */
export const POST = linkRoute(LINK_PAGES.report, BODIES.report, async (call, { token, everything }) => {
  const reported = await reportSession({ token, everything, now: call.now }, call.actor);
  if (!reported) throw new Problem("invalid_link");
  const { ended, resetToken } = reported;
  return { body: { ended, reset_token: resetToken }, next: `${LINK_PAGES.reset}?token=${resetToken}` };
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
