import "server-only";
import { type FieldErrors, PROBLEMS, type Problem, type ProblemCode } from "@/lib/errors";
import { STEP_UP_AFTER } from "@/lib/limits";
import { SECONDS } from "@/lib/time";
import { wordsForAnotherOrigin } from "./origin";

const BEARER_ERRORS = new Set<ProblemCode>([
  "invalid_token",
  "token_expired",
  "session_ended",
  "account_disabled",
]);

/** RFC 9470, 3. */
const STEP_UP = `Bearer error="insufficient_user_authentication", max_age="${STEP_UP_AFTER / SECONDS}"`;

/** An expected failure as `application/problem+json` (RFC 9457), with the headers that its status asks for. */
export function problemResponse({
  code,
  errors,
  retryAfter,
}: Pick<Problem, "code" | "errors" | "retryAfter">): Response {
  const { status } = PROBLEMS[code];
  const headers = new Headers({ "Content-Type": "application/problem+json", "Cache-Control": "no-store" });
  // RFC 6750, 3.1: no error attribute where no token was sent.
  if (BEARER_ERRORS.has(code)) headers.set("WWW-Authenticate", 'Bearer error="invalid_token"');
  if (code === "insufficient_user_authentication") headers.set("WWW-Authenticate", STEP_UP);
  if (code === "missing_token") headers.set("WWW-Authenticate", "Bearer");
  if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter));
  return new Response(problemBody(code, errors), { status, headers });
}

/** The JSON of a problem, with messages by field where there are some. */
export function problemBody(code: ProblemCode, errors?: FieldErrors): string {
  const { status, title } = PROBLEMS[code];
  const detail = code === "cross_site_request" ? { detail: wordsForAnotherOrigin() } : {};
  return JSON.stringify({
    type: `/problems/${code}`,
    title,
    status,
    code,
    ...detail,
    ...(errors ? { errors } : {}),
  });
}
