import { z } from "zod";
import { signUp } from "@/lib/account/sign-up";
import { decoyToken } from "@/lib/account/start-session";
import { Problem } from "@/lib/errors";
import { otherMethods } from "@/lib/http/route";
import { browserOf, cookieAnswer, fields, signInOf, signInRoute, tokenAnswer } from "@/lib/http/sign-in";
import { cutToName } from "@/lib/name";

const { email, password, name, keepJson, keepForm, next } = fields;
const schemas = {
  json: z.strictObject({ email, password, name: name.optional(), keep: keepJson.default(false) }),
  // An empty box is sent as an empty text.
  form: z.strictObject({
    email,
    password,
    name: z
      .literal("")
      .transform(() => undefined)
      .or(name)
      .optional(),
    keep: keepForm.default(false),
    next: next.optional(),
  }),
};

/** Signs up and logs in: a program gets a token, a form gets a cookie. */
export const POST = signInRoute("/signup", schemas, async (call, { type, body }) => {
  const signIn = await signInOf(call, { type, keep: body.keep, deviceName: null });
  const name = body.name ?? cutToName(body.email.split("@")[0] ?? body.email);
  const result = await signUp({ email: body.email, password: body.password, name, ...signIn }, call.actor);

  if (result.ok) {
    call.sessionId = result.session.id;
    if (type === "json") return tokenAnswer(result, 201);
    const { token, session } = result;
    return cookieAnswer(
      call,
      { token, expiresAt: session.expiresAt, keep: body.keep, device: browserOf(signIn, session.userId) },
      body.next,
    );
  }
  if (result.code === "weak_password")
    throw new Problem("invalid_request", { errors: { password: [result.message] } });
  if (result.code === "rate_limited") throw new Problem(result.code, { retryAfter: result.retryAfter });
  if (type === "json") throw new Problem("email_taken");
  // The same answer as for a new address, with a token that opens nothing: the next page asks to log in.
  const decoy = await decoyToken({ keep: body.keep, now: call.now });
  return cookieAnswer(
    call,
    { ...decoy, keep: body.keep, device: browserOf(signIn, crypto.randomUUID()) },
    body.next,
  );
});

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
