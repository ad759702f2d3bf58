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

type Failure = Pick<Problem, "code" | "errors" | "retryAfter">;

/** An expected failure as `application/problem+json` (RFC 9457), with the headers that its status asks for. */
export function problemResponse(problem: Failure): Response {
  const { status } = PROBLEMS[problem.code];
  return new Response(problemBody(problem.code, problem.errors), {
    status,
    headers: problemHeaders(problem),
  });
}

/** The headers of such an answer. */
export function problemHeaders({ code, retryAfter }: Failure): Record<string, string> {
  const challenge = challengeOf(code);
  return {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...(challenge && { "WWW-Authenticate": challenge }),
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
  };
}

function challengeOf(code: ProblemCode): string | null {
  // RFC 6750, 3.1: no error attribute where no token was sent.
  if (code === "missing_token") return "Bearer";
  if (code === "insufficient_user_authentication") return STEP_UP;
  return BEARER_ERRORS.has(code) ? 'Bearer error="invalid_token"' : null;
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
