import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { TokenBody } from "@/app/api/auth/answers";
import { fields } from "@/app/api/auth/fields";
import type { SignedIn, SignIn } from "@/lib/account/account";
import { Problem } from "@/lib/errors";
import { clientLocation } from "@/lib/http/address";
import { bodyType, check, readForm, readJson } from "@/lib/http/body";
import { cookieValue } from "@/lib/http/cookies";
import { credentialOf } from "@/lib/http/credential";
import { nextPath } from "@/lib/http/next-path";
import { requireSameOrigin } from "@/lib/http/origin";
import { problemResponse } from "@/lib/http/problem";
import { type Call, json, problemOf, route, seeOther, setCookie } from "@/lib/http/route";
import { viewSession, viewUser } from "@/lib/session/session";
import { verifySession } from "@/lib/session/verify";
import { DAYS, MINUTES, SECONDS } from "@/lib/time";
import {
  clearedCookie,
  deviceCookieName,
  formCookieName,
  openCookie,
  probeCookie,
  probeCookieName,
  sealCookie,
  sealSessionCookie,
} from "@/lib/token/cookie";

// What sign-up and login share: forms get a cookie, JSON gets a token.

const deviceSchema = z.object({ id: z.string(), userId: z.string(), epoch: z.number() });
const DEVICE_COOKIE_LIFETIME = (400 * DAYS) / SECONDS;
const FORM_COOKIE_LIFETIME = (5 * MINUTES) / SECONDS;
/** Who is to wait is told so after this: a flood of connections that all ask again at once is a slow one. */
const REFUSED_AFTER = 1 * SECONDS;
/** What a form is given back of a field, in UTF-16 units: a cookie holds so much. */
const LONGEST_KEPT = 254;

type Schemas<T> = { json: z.ZodType<T>; form: z.ZodType<T & { next?: string | undefined }> };
type SignInBody<T> = { type: "json"; body: T } | { type: "form"; body: T & { next?: string | undefined } };

/**
 * A route that programs and the form on `page` post to. A form must come from a page of this site, or others could log
 * people in; what fails there goes back to it.
 */
export function signInRoute<T>(
  page: string,
  schemas: Schemas<T>,
  handle: (call: Call, input: SignInBody<T>) => Promise<Response>,
): ReturnType<typeof route> {
  const handleOrWait = (call: Call, input: SignInBody<T>) =>
    handle(call, input).catch(async (error: unknown) => {
      if (error instanceof Problem && error.retryAfter !== undefined) await pause(REFUSED_AFTER);
      throw error;
    });
  return route(async (call) => {
    const { request } = call;
    const type = bodyType(request.headers);
    if (type === "form" || credentialOf(request.headers)?.form === "cookie")
      requireSameOrigin(request.headers);
    if (type === "json") return handleOrWait(call, { type, body: await readJson(request, schemas.json) });

    const { cookies, ...typed } = await readForm(request);
    try {
      if (cookies !== undefined) requireCookies(request.headers);
      return await handleOrWait(call, { type, body: check(typed, schemas.form) });
    } catch (error) {
      return formProblem(call, problemOf(call, error), page, typed);
    }
  });
}

/**
 * Throws `cookies_needed` where the probe of our pages' forms does not come back: a session would be started that nobody
 * can use, nor see where to end.
 */
function requireCookies(headers: Headers): void {
  if (cookieValue(headers, probeCookieName()) === null) throw new Problem("cookies_needed");
}

/** Where and how the caller signs in. Only a browser's session replaces the one that it held. */
export async function signInOf(
  call: Call,
  { type, keep, deviceName }: { type: "json" | "form"; keep: boolean; deviceName: string | null },
): Promise<SignIn> {
  const { headers } = call.request;
  const credential = type === "form" ? credentialOf(headers) : null;
  const held = credential ? await verifySession(credential, call.now) : null;
  const device = cookieValue(headers, deviceCookieName());
  const opened = deviceSchema.safeParse(device ? await openCookie(device) : null).data ?? null;
  return {
    kind: type === "form" ? "browser" : "api",
    keep,
    deviceName,
    location: clientLocation(headers),
    device: opened,
    browserId: type === "form" ? (opened?.id ?? crypto.randomUUID()) : null,
    replaces: held?.ok ? held.session.id : null,
    now: call.now,
  };
}

/** What a program is told: the token, whose it is, and what for. */
export function tokenBody({ token, session, user }: Pick<SignedIn, "token" | "session" | "user">): TokenBody {
  return {
    token,
    token_type: "Bearer",
    expires_at: session.expiresAt.toISOString(),
    session: viewSession(session, session.id),
    user: viewUser(user),
  };
}

/** The answer to a program: the token, and no cookie. */
export function tokenAnswer(signedIn: SignedIn, status: number): Response {
  return json(tokenBody(signedIn), status);
}

/** The answer to a form: the cookie, and never the token. */
export async function cookieAnswer(
  call: Call,
  { token, session, deviceEpoch }: Pick<SignedIn, "token" | "session" | "deviceEpoch">,
  signIn: SignIn,
  next: string | undefined,
): Promise<Response> {
  const { keep } = signIn;
  const path = nextPath(next);
  const response = wantsJson(call) ? json({ redirect_to: path }) : seeOther(path);
  setCookie(response, await sealSessionCookie(token, { expiresAt: session.expiresAt, keep, now: call.now }));
  const seal = { ttl: DEVICE_COOKIE_LIFETIME, maxAge: DEVICE_COOKIE_LIFETIME };
  const device = { id: signIn.browserId, userId: session.userId, epoch: deviceEpoch };
  setCookie(response, await sealCookie(deviceCookieName(), device, seal));
  return setCookie(response, clearedCookie(formCookieName()));
}

function wantsJson(call: Call): boolean {
  return (call.request.headers.get("accept") ?? "").toLowerCase().includes("application/json");
}

/** The answer to a form that failed: to a script the problem, to a plain browser the way back, with what was typed. */
async function formProblem(
  call: Call,
  problem: Problem,
  page: string,
  typed: Record<string, string>,
): Promise<Response> {
  if (wantsJson(call)) {
    const answer = problemResponse(problem);
    // It may only have been deleted since the form was opened: then the next attempt gets through. So it does without a
    // script, where the page that the browser is led back to sets it.
    return problem.code === "cookies_needed" ? setCookie(answer, probeCookie()) : answer;
  }
  const { email = "", name = "", next } = typed;
  const query = new URLSearchParams({ error: problem.code });
  if (problem.retryAfter !== undefined) query.set("wait", String(problem.retryAfter));
  if (next !== undefined && nextPath(next) === next) query.set("next", next);
  const response = seeOther(`${page}?${query}`);
  const kept = {
    // Including values that are too long, so that people can shorten them.
    email: email.slice(0, LONGEST_KEPT),
    name: name.slice(0, LONGEST_KEPT),
    keep: fields.keepForm.safeParse(typed.keep).data ?? false,
    // Unknown fields may have names of any length; a cookie may not.
    errors: Object.fromEntries(
      Object.entries(problem.errors ?? {}).filter(([name]) => Object.hasOwn(fields, name)),
    ),
  };
  const seal = { ttl: FORM_COOKIE_LIFETIME, maxAge: FORM_COOKIE_LIFETIME };
  return setCookie(response, await sealCookie(formCookieName(), kept, seal));
}
