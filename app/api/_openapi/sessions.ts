import "server-only";
import { z } from "zod";
import { ANSWERS } from "@/app/api/auth/answers";
import { BODIES, QUERIES } from "@/app/api/auth/bodies";
import { type Answer, FIELDS, type Paths } from "./operation";

/** To a form without a script: to the page that is next, or back to the form with `?error=` and the code. */
export const SEE_OTHER: Answer = {
  description: "To a form: the next page, or the form again with what was wrong.",
  headers: FIELDS.location,
};

const withCookie: Answer = { ...SEE_OTHER, headers: { ...FIELDS.location, ...FIELDS.signedIn } };

const signedIn = (status: 200 | 201): Record<number, Answer> => ({
  200: {
    description: "Signed in. A form that a script has sent gets the cookie, and where to go.",
    schema: status === 200 ? z.union([ANSWERS.token, ANSWERS.redirect]) : ANSWERS.redirect,
    headers: FIELDS.signedIn,
  },
  ...(status === 201 && { 201: { description: "Signed up and signed in.", schema: ANSWERS.token } }),
  303: withCookie,
});

/** Signing in and out, and the sessions of an account. */
export const SESSIONS: Paths = {
  "/api/auth/signup": {
    post: {
      id: "signUp",
      summary: "Sign up and sign in: JSON gets a token, a form gets a cookie.",
      caller: "anybody",
      ...BODIES.signUp,
      answers: signedIn(201),
      problems: ["email_taken", "rate_limited", "cookies_needed"],
    },
  },
  "/api/auth/login": {
    post: {
      id: "logIn",
      summary: "Sign in: JSON gets a token, a form gets a cookie.",
      caller: "anybody",
      ...BODIES.logIn,
      answers: signedIn(200),
      problems: ["invalid_credentials", "account_disabled", "rate_limited", "cookies_needed"],
    },
  },
  "/api/auth/verify": {
    get: verifying("verify", "Whether the caller's token is alive, and whose it is."),
    post: verifying("verifyByPost", "The same as GET."),
  },
  "/api/auth/reauthenticate": {
    post: {
      id: "reauthenticate",
      summary: "Step-up (RFC 9470): prove again who you are. The old token stops working.",
      caller: "session",
      json: BODIES.reauthenticate,
      answers: {
        200: {
          description: "The session has a new token.",
          schema: ANSWERS.renewed,
          headers: FIELDS.signedIn,
        },
      },
      problems: ["invalid_credentials", "rate_limited"],
    },
  },
  "/api/auth/logout": {
    post: {
      id: "logOut",
      summary: "End the caller's session.",
      caller: "session",
      answers: {
        204: { description: "Ended, on every instance.", headers: FIELDS.signedOut },
        303: { ...SEE_OTHER, headers: { ...FIELDS.location, ...FIELDS.signedOut } },
        503: {
          description: "Still signed in: nobody can answer now. To a form in words.",
          type: "text/plain",
        },
      },
    },
  },
  "/api/auth/logout-others": { post: endingMany("logOutOthers", "End every other session of the caller.") },
  "/api/auth/logout-all": { post: endingMany("logOutAll", "End every session of the caller, this one too.") },
  "/api/auth/sessions": {
    get: {
      id: "listSessions",
      summary: "The caller's sessions: the live ones, or with `state=ended` the history.",
      caller: "session",
      query: QUERIES.sessions,
      answers: { 200: { description: "The sessions.", schema: ANSWERS.sessions } },
    },
    post: {
      id: "createApiSession",
      summary: "Make an API session. Its token is shown this once.",
      caller: "session",
      isGuarded: true,
      json: BODIES.newSession,
      answers: { 201: { description: "The new session and its token.", schema: ANSWERS.token } },
      problems: ["rate_limited"],
    },
  },
  "/api/auth/sessions/{id}": {
    patch: {
      id: "renameSession",
      summary: "Name a live session; null restores its default name.",
      caller: "session",
      json: BODIES.rename,
      answers: { 200: { description: "The session with its name.", schema: ANSWERS.session } },
      problems: ["not_found", "rate_limited"],
    },
    delete: {
      id: "endSession",
      summary: "End a session.",
      caller: "session",
      isGuarded: true,
      answers: { 204: { description: "Ended, on every instance.", headers: FIELDS.signedOut } },
      problems: ["not_found"],
    },
  },
  "/api/auth/events": {
    get: {
      id: "watchEvents",
      summary: "Server-sent events about the caller's session and its siblings, for open tabs.",
      caller: "session",
      query: z.object({ list: z.string().optional() }),
      answers: {
        200: {
          description: "The stream.",
          type: "text/event-stream",
          headers: { "X-Accel-Buffering": "`no`: nginx must not hold the stream back." },
        },
      },
    },
  },
  "/api/auth/receipt": {
    post: {
      id: "acknowledgeEnd",
      summary: "The device of an ended session says that it knows.",
      caller: "session",
      answers: { 204: { description: "Noted." } },
    },
  },
};

/** A check of the caller's own token. */
export function verifying(id: string, summary: string) {
  return {
    id,
    summary,
    caller: "session",
    answers: { 200: { description: "It is alive.", schema: ANSWERS.verified } },
  } as const;
}

function endingMany(id: string, summary: string) {
  return {
    id,
    summary,
    caller: "session",
    isGuarded: true,
    answers: {
      200: { description: "How many ended.", schema: ANSWERS.ended, headers: FIELDS.signedOut },
    },
  } as const;
}
