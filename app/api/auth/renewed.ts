import "server-only";
import { tokenBody } from "@/app/api/auth/sign-in";
import type { Refused } from "@/lib/account/account";
import type { Renewed } from "@/lib/account/password/reauthenticate";
import { Problem } from "@/lib/errors";
import { credentialOf } from "@/lib/http/credential";
import { REFUSALS } from "@/lib/http/refusals";
import { type Call, identify, json, setCookie } from "@/lib/http/route";
import { sealSessionCookie } from "@/lib/token/cookie";

/** The answer to a caller whose token was replaced: in the form in which the old one came. */
export async function renewedAnswer(
  call: Call,
  renewed: Renewed,
  more: Record<string, unknown> = {},
): Promise<Response> {
  const { token, token_type, ...rest } = tokenBody(renewed);
  if (credentialOf(call.request.headers)?.form !== "cookie")
    return json({ token, token_type, ...rest, ...more });
  const cookie = await sealSessionCookie(token, { ...renewed.session, now: call.now });
  return setCookie(json({ ...rest, ...more }), cookie);
}

/** The problem of a proof that was not accepted, or of a session that was not there any more once it was. */
export async function refusedProof(
  call: Call,
  refusal: Refused | { ok: false; code: "wrong_password" | "session_ended" },
): Promise<Problem> {
  switch (refusal.code) {
    case "rate_limited":
      return new Problem("rate_limited", { retryAfter: refusal.retryAfter });
    case "wrong_password":
      return new Problem("invalid_credentials");
    case "session_ended": {
      // Ended, or its token was replaced by another call: the gate knows which.
      const verdict = await identify(call);
      return new Problem(verdict.ok ? "session_ended" : REFUSALS[verdict.reason]);
    }
  }
}
