import { asFile } from "@/app/api/auth/as-file";
import { exportAccount } from "@/lib/account/export";
import { Problem } from "@/lib/errors";
import { authenticatedRoute, otherMethods, requireStepUp } from "@/lib/http/route";

/** Everything that is stored about the caller. */
export const GET = authenticatedRoute(async (call) => {
  requireStepUp(call);
  const data = await exportAccount({ session: call.caller.session, now: call.now }, call.actor);
  if (!data) throw new Problem("session_ended");
  return asFile("account.json", data);
});

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
