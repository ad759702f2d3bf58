import "server-only";
import type { IncomingMessage } from "node:http";
import { PROBLEMS, Problem } from "@/lib/errors";
import { credentialOf } from "@/lib/http/credential";
import { introspect } from "@/lib/http/introspection";
import { requireSameOrigin } from "@/lib/http/origin";
import { problemBody, problemHeaders } from "@/lib/http/problem";
import { REFUSALS } from "@/lib/http/refusals";
import { keySetFor, liveness, metricsFor, readiness } from "@/lib/http/status";
import { verifiedBody } from "@/lib/http/verified";
import { touchSession } from "@/lib/session/touch";
import { verifySession } from "@/lib/session/verify";
import { identityOf, signInFor } from "./forward";
import { headersOf, requestOf } from "./incoming";

/** An answer before it is written; `sessionId` is for the log. */
export type Answer = {
  status: number;
  headers: Record<string, string>;
  body: string;
  sessionId?: string | undefined;
};

type Handler = (request: IncomingMessage, now: Date) => Promise<Answer>;
type Endpoint = { methods: string[] | "any"; answer: Handler };

const READ = ["GET", "HEAD"];

/** By path. */
export const ENDPOINTS: Record<string, Endpoint> = {
  "/verify": { methods: [...READ, "POST"], answer: verify },
  "/forward": { methods: "any", answer: forward },
  "/introspect": {
    methods: ["POST"],
    answer: async (request, now) => answerOf(await introspect(await requestOf(request), now)),
  },
  "/health/live": { methods: READ, answer: async () => answerOf(liveness()) },
  "/health/ready": { methods: READ, answer: async () => answerOf(await readiness()) },
  "/metrics": { methods: READ, answer: async (request) => answerOf(await metricsFor(headersOf(request))) },
  "/.well-known/jwks.json": {
    methods: READ,
    answer: async (request) => answerOf(keySetFor(headersOf(request))),
  },
};

/** The answer to a request. Throws problems, and what the database throws. */
export async function answer(request: IncomingMessage, now: Date): Promise<Answer> {
  const [path = ""] = (request.url ?? "").split("?", 1);
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (!endpoint) throw new Problem("not_found");
  const { methods } = endpoint;
  if (methods === "any" || methods.includes(request.method ?? "")) return endpoint.answer(request, now);
  const allow = { Allow: [...methods, "OPTIONS"].sort().join(", ") };
  if (request.method === "OPTIONS")
    return { status: 204, headers: { ...allow, "Cache-Control": "no-store" }, body: "" };
  const refused = problemAnswer(new Problem("method_not_allowed"));
  return { ...refused, headers: { ...refused.headers, ...allow } };
}

/** A problem as an answer. */
export function problemAnswer(problem: Problem): Answer {
  return {
    status: PROBLEMS[problem.code].status,
    headers: problemHeaders(problem),
    body: problemBody(problem.code, problem.errors),
  };
}

async function verify(request: IncomingMessage, now: Date): Promise<Answer> {
  const headers = headersOf(request);
  const credential = credentialOf(headers);
  // As in the app: only a cookie is sent by a browser on its own account.
  if (credential?.form === "cookie" && request.method === "POST") requireSameOrigin(headers);
  const verdict = await verifySession(credential, now);
  if (!verdict.ok) return refusal(verdict);
  touchSession(verdict.session, now);
  return {
    status: 200,
    headers: { "Cache-Control": "no-store", "Content-Type": "application/json" },
    body: verifiedBody(verdict),
    sessionId: verdict.session.id,
  };
}

async function forward(request: IncomingMessage, now: Date): Promise<Answer> {
  const headers = headersOf(request);
  const verdict = await verifySession(credentialOf(headers), now);
  if (verdict.ok) {
    touchSession(verdict.session, now);
    const sessionId = verdict.session.id;
    return {
      status: 200,
      headers: { "Cache-Control": "no-store", ...identityOf(verdict) },
      body: "",
      sessionId,
    };
  }
  const query = new URLSearchParams(request.url?.split("?")[1]);
  const location = query.has("redirect") ? signInFor(headers) : null;
  if (location === null) return refusal(verdict);
  return { status: 302, headers: { "Cache-Control": "no-store", Location: location }, body: "" };
}

function refusal(verdict: Exclude<Awaited<ReturnType<typeof verifySession>>, { ok: true }>): Answer {
  const sessionId = "session" in verdict ? verdict.session.id : undefined;
  return { ...problemAnswer(new Problem(REFUSALS[verdict.reason])), sessionId };
}

async function answerOf(response: Response): Promise<Answer> {
  const headers = Object.fromEntries([...response.headers].map(([name, value]) => [name, value]));
  return { status: response.status, headers, body: await response.text() };
}
