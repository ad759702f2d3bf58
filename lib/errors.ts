// Shared: the pages show the titles.

/** Every stable `code` of the contract, with its HTTP status and the words for people. */
export const PROBLEMS = {
  invalid_request: { status: 400, title: "Something in the request isn’t valid." },
  cookies_needed: {
    status: 400,
    title:
      "Your browser blocks the cookie that keeps you signed in. Allow cookies for this site in its settings, then try again.",
  },
  invalid_link: { status: 400, title: "This link isn’t valid: it was used before, or it has expired." },
  invalid_credentials: { status: 401, title: "Incorrect email or password." },
  missing_token: { status: 401, title: "Sign in first." },
  invalid_token: { status: 401, title: "This token isn’t valid." },
  token_expired: { status: 401, title: "This token has expired. Sign in again." },
  session_ended: { status: 401, title: "This session has ended. Sign in again." },
  account_disabled: { status: 401, title: "This account is disabled." },
  insufficient_user_authentication: { status: 401, title: "Enter your password again to do this." },
  cross_site_request: { status: 403, title: "This request came from another site and was refused." },
  forbidden: { status: 403, title: "Your account may not do this." },
  not_found: { status: 404, title: "Not found." },
  method_not_allowed: { status: 405, title: "This isn’t available here." },
  request_timeout: { status: 408, title: "The request did not arrive in time." },
  email_taken: { status: 409, title: "An account with this email already exists." },
  content_too_large: { status: 413, title: "The request body is too large." },
  unsupported_media_type: { status: 415, title: "This media type isn’t supported here." },
  rate_limited: { status: 429, title: "Too many attempts. Wait a little, then try again." },
  internal_error: { status: 500, title: "Something went wrong on our side." },
  unavailable: { status: 503, title: "The service isn’t available right now. Try again in a moment." },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

const WAIT_A_LITTLE = "Wait a little, then try again";

/** The sentence of a problem, with how long to wait. `wait` in seconds, or NaN where it is not known. */
export function problemTitle(title: string, wait: number): string {
  return wait > 0 && Number.isFinite(wait) ? title.replace(WAIT_A_LITTLE, tryAgainIn(wait)) : title;
}

/** "Try again in 30 seconds", "Try again in 15 minutes". */
function tryAgainIn(wait: number): string {
  const inMinutes = wait > 120;
  const duration = new Intl.NumberFormat("en", {
    style: "unit",
    unit: inMinutes ? "minute" : "second",
    unitDisplay: "long",
  }).format(Math.ceil(inMinutes ? wait / 60 : wait));
  return `Try again in ${duration}`;
}

/** Messages by field name, as in `z.flattenError(error).fieldErrors`. */
export type FieldErrors = Record<string, string[]>;

/** An expected failure that crosses the HTTP edge; `lib/http/problem.ts` turns it into an answer. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: FieldErrors | undefined;
  /** Seconds for `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, details: { errors?: FieldErrors; retryAfter?: number } = {}) {
    super(PROBLEMS[code].title);
    this.name = "Problem";
    this.code = code;
    this.errors = details.errors;
    this.retryAfter = details.retryAfter;
  }
}
