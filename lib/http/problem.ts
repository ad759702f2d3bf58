import "server-only";
import { PROBLEMS, type Problem, type ProblemCode } from "@/lib/errors";

const BEARER_ERRORS = new Set<ProblemCode>([
  "invalid_token",
  "token_expired",
  "session_ended",
  "account_disabled",
]);

/** An expected failure as `application/problem+json` (RFC 9457), with the headers that its status asks for. */
export function problemResponse({
  code,
  errors,
  retryAfter,
}: Pick<Problem, "code" | "errors" | "retryAfter">): Response {
  const { status, title } = PROBLEMS[code];
  const headers = new Headers({ "Content-Type": "application/problem+json", "Cache-Control": "no-store" });
  // RFC 6750, 3.1: no error attribute where no token was sent.
  if (BEARER_ERRORS.has(code)) headers.set("WWW-Authenticate", 'Bearer error="invalid_token"');
  if (code === "missing_token") headers.set("WWW-Authenticate", "Bearer");
  // RFC 9110, 15.5.14: what was not read is not waited for, so the connection is of no more use.
  if (code === "content_too_large") headers.set("Connection", "close");
  if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter));
  const body = { type: `/problems/${code}`, title, status, code, ...(errors ? { errors } : {}) };
  return new Response(JSON.stringify(body), { status, headers });
}
