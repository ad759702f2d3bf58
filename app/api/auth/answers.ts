import "server-only";
import { z } from "zod";
import { eventView } from "@/lib/account/activity";
import { exportView } from "@/lib/account/export";
import { sessionView, userView } from "@/lib/session/session";
import { claimsSchema } from "@/lib/token/token";

// What the routes answer on success. docs/openapi.json is generated from these schemas, and the tests check every answer against it.

const { jti: _secret, ...claims } = claimsSchema.shape;
const cursor = z.string().nullable();
const ended = z.int().nonnegative();

const token = z.object({
  token: z.string(),
  token_type: z.literal("Bearer"),
  expires_at: z.iso.datetime(),
  session: sessionView,
  user: userView,
});

/** What a program is told at sign-in. */
export type TokenBody = z.infer<typeof token>;

export const ANSWERS = {
  token,
  /** To a form that a script has sent. */
  redirect: z.object({ redirect_to: z.string() }),
  /** A cookie caller gets its new token in the cookie. */
  renewed: token.partial({ token: true, token_type: true }),
  passwordChanged: token.partial({ token: true, token_type: true }).extend({ ended }),
  verified: z.looseObject({ ...claims, active: z.literal(true), user: userView, session: sessionView }),
  sessions: z.object({ sessions: z.array(sessionView), cursor: cursor.optional() }),
  session: z.object({ session: sessionView }),
  activity: z.object({ events: z.array(eventView), cursor }),
  export: exportView,
  ended: z.object({ ended }),
  reported: z.object({ ended, reset_token: z.string() }),
  email: z.object({ email: z.string() }),
  nothing: z.strictObject({}),
  introspected: z.union([
    z.strictObject({ active: z.literal(false) }),
    z.looseObject({
      ...claims,
      active: z.literal(true),
      token_type: z.literal("Bearer"),
      username: z.string(),
    }),
  ]),
};
