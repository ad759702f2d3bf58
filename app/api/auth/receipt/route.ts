import { Problem } from "@/lib/errors";
import { REFUSALS } from "@/lib/http/refusals";
import { identify, noContent, otherMethods, route } from "@/lib/http/route";
import { acknowledgeEnd } from "@/lib/session/revocation-reason";

/** The receipt: the device of an ended session says that it knows. It proves itself by the secret of that session. */
export const POST = route(async (call) => {
  const verdict = await identify(call);
  if (verdict.ok) return noContent();
  if (!("session" in verdict)) throw new Problem(REFUSALS[verdict.reason]);
  await acknowledgeEnd(verdict.session.id, call.now);
  return noContent();
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
