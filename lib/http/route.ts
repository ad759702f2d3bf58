import "server-only";
import type { Actor } from "@/lib/audit";
import { isUnavailable } from "@/lib/database/errors";
import { Problem } from "@/lib/errors";
import { log } from "@/lib/log";
import { revokeOwnSession } from "@/lib/session/revoke";
import { needsStepUp, type User } from "@/lib/session/session";
import { touchSession } from "@/lib/session/touch";
import { type Admitted, type Verdict, verifySession } from "@/lib/session/verify";
import { type Cookie, clearedCookie, sessionCookieName } from "@/lib/token/cookie";
import { credentialOf } from "./credential";
import { requireSameOrigin } from "./origin";
import { problemResponse } from "./problem";
import { REFUSALS } from "./refusals";
import { actorOf, pathOf } from "./request";

/** What every handler knows about its request. */
export type Call = {
  request: Request;
  /** The one reading of the clock for this request. */
  now: Date;
  actor: Actor;
  /** Public id of the caller's session, once known; for the log. */
  sessionId: string | null;
};

/** The second argument of a route handler: its dynamic path segments. */
export type Segments = { params: Promise<Record<string, string>> };

type Answer = Response | Promise<Response>;
type Handler = (call: Call, segments: Segments) => Answer;
type AuthenticatedHandler = (call: Call & { caller: Admitted }, segments: Segments) => Answer;

/** Marks a request that an open tab sends by itself: it does not count as a use of the session. */
const BACKGROUND = "latchkey-background";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** A route handler: expected failures become problems, an absent database a 503, anything else a logged 500. */
export function route(handler: Handler): (request: Request, segments: Segments) => Promise<Response> {
  return async (request, segments) => {
    const now = new Date();
    const startedAt = performance.now();
    const call: Call = { request, now, actor: actorOf(request.headers), sessionId: null };
    let response: Response;
    try {
      response = await handler(call, segments);
    } catch (error) {
      response = problemResponse(problemOf(call, error));
    }
    log.info("request", {
      method: request.method,
      path: pathOf(request),
      status: response.status,
      ms: Math.round(performance.now() - startedAt),
      request: call.actor.requestId,
      session: call.sessionId,
    });
    return response;
  };
}

/** A route handler for callers with a live session; everybody else gets the 401 of the contract. */
export function authenticatedRoute(handler: AuthenticatedHandler): ReturnType<typeof route> {
  return route(async (call, segments) => {
    const verdict = await identify(call);
    if (!verdict.ok) throw new Problem(REFUSALS[verdict.reason]);
    if (!call.request.headers.has(BACKGROUND)) touchSession(verdict.session, call.now);
    return handler(Object.assign(call, { caller: verdict }), segments);
  });
}

/**
 * The same for a route that revokes sessions. "It has ended" may answer the repetition of a call that never got its answer, so
 * it, too, waits until every instance refuses the session.
 */
export function revokingRoute(handler: AuthenticatedHandler): ReturnType<typeof route> {
  return route(async (call, segments) => {
    const verdict = await identify(call);
    if (verdict.ok) return handler(Object.assign(call, { caller: verdict }), segments);
    await revokeOwnSession(verdict, call);
    throw new Problem(REFUSALS[verdict.reason]);
  });
}

/** Throws `insufficient_user_authentication` where the caller must prove who they are again: see `needsStepUp`. */
export function requireStepUp({ caller, now }: { caller: Admitted; now: Date }): void {
  if (needsStepUp(caller.session, now)) throw new Problem("insufficient_user_authentication");
}

/** Throws `forbidden` unless the caller has the role. */
export function requireRole({ caller }: { caller: Admitted }, role: User["role"]): void {
  if (caller.user.role !== role) throw new Problem("forbidden");
}

const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] as const;

/** Handlers for the methods that a route does not have: 405, and what it has (RFC 9110, 15.5.6). */
export function otherMethods(
  ...allowed: (typeof METHODS)[number][]
): Record<(typeof METHODS)[number], ReturnType<typeof route>> {
  const allow = METHODS.filter((method) => method === "OPTIONS" || allowed.includes(method)).join(", ");
  const withAllow = (response: Response) => {
    response.headers.set("Allow", allow);
    return response;
  };
  const refuse = route(() => withAllow(problemResponse(new Problem("method_not_allowed"))));
  const tell = route(() => withAllow(noContent()));
  return {
    DELETE: refuse,
    GET: refuse,
    HEAD: refuse,
    OPTIONS: tell,
    PATCH: refuse,
    POST: refuse,
    PUT: refuse,
  };
}

/** Who calls: asks the gate with the credential of the request. Throws `cross_site_request`. */
export async function identify(call: Call): Promise<Verdict> {
  const credential = credentialOf(call.request.headers);
  // Only a cookie is sent by a browser on its own account, so only a cookie can be abused by another site.
  if (credential?.form === "cookie" && !SAFE_METHODS.has(call.request.method))
    requireSameOrigin(call.request.headers);
  const verdict = await verifySession(credential, call.now);
  if ("session" in verdict) call.sessionId = verdict.session.id;
  return verdict;
}

/** Turns anything thrown into a problem, and logs what was not expected. */
export function problemOf(call: Call, error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isUnavailable(error)) {
    log.error("database_unavailable", { request: call.actor.requestId, error });
    return new Problem("unavailable", { retryAfter: 1 });
  }
  log.error("unexpected_error", { request: call.actor.requestId, error });
  return new Problem("internal_error");
}

const NO_STORE = { "Cache-Control": "no-store" };

/** A JSON response that no cache keeps. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: NO_STORE });
}

/** The same of JSON that is text already, or becomes text as it is sent. */
export function textOfJson(text: string | ReadableStream<Uint8Array>): Response {
  return new Response(text, { headers: { ...NO_STORE, "Content-Type": "application/json" } });
}

/** 204. */
export function noContent(): Response {
  return new Response(null, { status: 204, headers: NO_STORE });
}

/** 303 to a path of this site (RFC 9110, 15.4.4): the browser follows with GET. A header holds ASCII only. */
export function seeOther(path: string): Response {
  const location = path.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  return new Response(null, { status: 303, headers: { ...NO_STORE, Location: location } });
}

/** Adds a cookie to an answer. */
export function setCookie(
  response: Response,
  { name, value, path, httpOnly, secure, sameSite, maxAge }: Cookie,
): Response {
  const parts = [
    `${name}=${value}`,
    `Path=${path}`,
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    ...(secure ? ["Secure"] : []),
    ...(httpOnly ? ["HttpOnly"] : []),
    `SameSite=${sameSite === "lax" ? "Lax" : sameSite}`,
  ];
  response.headers.append("Set-Cookie", parts.join("; "));
  return response;
}

/** Clears the session cookie and the cache of a browser. A Bearer token uses neither. */
export function clearSession(call: Call, response: Response): Response {
  if (credentialOf(call.request.headers)?.form !== "cookie") return response;
  response.headers.set("Clear-Site-Data", '"cache"');
  return setCookie(response, clearedCookie(sessionCookieName()));
}
