import { BODIES } from "@/app/api/auth/bodies";
import { NO_ADDRESS } from "@/app/api/auth/fields";
import { cookieAnswer, signInOf, signInRoute, tokenAnswer } from "@/app/api/auth/sign-in";
import { signUp } from "@/lib/account/sign-in/sign-up";
import { Problem } from "@/lib/errors";
import { otherMethods } from "@/lib/http/route";
import { nameOf } from "@/lib/name";

/** Signs up and signs in: a program gets a token, a form gets a cookie. */
export const POST = signInRoute("/signup", BODIES.signUp, async (call, { type, body }) => {
  const signIn = await signInOf(call, { type, keep: body.keep, deviceName: null });
  const name = body.name ?? nameOf(body.email);
  const result = await signUp({ email: body.email, password: body.password, name, ...signIn }, call.actor);

  if (result.ok) {
    call.sessionId = result.session.id;
    if (type === "json") return tokenAnswer(result, 201);
    return cookieAnswer(call, result, signIn, body.next);
  }
  if (result.code === "weak_password")
    throw new Problem("invalid_request", { errors: { password: [result.message] } });
  if (result.code === "invalid_email")
    throw new Problem("invalid_request", { errors: { email: [NO_ADDRESS] } });
  if (result.code === "rate_limited") throw new Problem(result.code, { retryAfter: result.retryAfter });
  if (type === "json") throw new Problem("email_taken");
  // The same answer as for a new address, with a token that opens nothing: the next page asks to sign in.
  return cookieAnswer(call, result.decoy, signIn, body.next);
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
