import { exportAccount } from "@/lib/account/export";
import { Problem } from "@/lib/errors";
import { authenticatedRoute, json, otherMethods, requireStepUp } from "@/lib/http/route";

/** Everything that is stored about the caller. */
export const GET = authenticatedRoute(async (call) => {
  requireStepUp(call);
  const data = await exportAccount({ session: call.caller.session, now: call.now }, call.actor);
  if (!data) throw new Problem("session_ended");
  const answer = json(data);
  answer.headers.set("Content-Disposition", 'attachment; filename="account.json"');
  return answer;
});

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
