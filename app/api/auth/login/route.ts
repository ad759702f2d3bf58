import { BODIES } from "@/app/api/auth/bodies";
import { cookieAnswer, signInOf, signInRoute, tokenAnswer } from "@/app/api/auth/sign-in";
import { logIn } from "@/lib/account/sign-in/log-in";
import { Problem } from "@/lib/errors";
import { otherMethods } from "@/lib/http/route";

/** Signs in: a program gets a token, a form gets a cookie. */
export const POST = signInRoute("/login", BODIES.logIn, async (call, { type, body }) => {
  const signIn = await signInOf(call, { type, keep: body.keep, deviceName: body.device ?? null });
  const result = await logIn({ email: body.email, password: body.password, ...signIn }, call.actor);
  if (!result.ok)
    throw new Problem(result.code, "retryAfter" in result ? { retryAfter: result.retryAfter } : {});

  call.sessionId = result.session.id;
  if (type === "json") return tokenAnswer(result, 200);
  return cookieAnswer(call, result, signIn, body.next);
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
