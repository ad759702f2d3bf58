import { expect } from "vitest";
import type { Answer } from "./client";

// The shapes of answers, in one place.

const STATUS: Record<string, number> = {
  invalid_request: 400,
  cookies_needed: 400,
  invalid_link: 400,
  invalid_credentials: 401,
  insufficient_user_authentication: 401,
  missing_token: 401,
  invalid_token: 401,
  token_expired: 401,
  session_ended: 401,
  account_disabled: 401,
  cross_site_request: 403,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  email_taken: 409,
  content_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  unavailable: 503,
};

/** What a refusal sets, where it sets something. */
const COOKIES: Record<string, string[]> = { cookies_needed: ["probe=1; Path=/; HttpOnly; SameSite=Lax"] };

const TOKEN_WAS_SENT = 'Bearer error="invalid_token"';
const CHALLENGE: Record<string, string> = {
  missing_token: "Bearer",
  invalid_token: TOKEN_WAS_SENT,
  token_expired: TOKEN_WAS_SENT,
  session_ended: TOKEN_WAS_SENT,
  account_disabled: TOKEN_WAS_SENT,
  insufficient_user_authentication: 'Bearer error="insufficient_user_authentication", max_age="900"',
};

/** A problem as RFC 9457 and the contract have it, with nothing that it should not say. */
export function expectProblem(answer: Answer, code: string, fields?: string[]): void {
  expect(answer.text).toContain(`"code":"${code}"`);
  const status = STATUS[code];
  expect(answer.status).toBe(status);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.setCookies).toEqual(COOKIES[code] ?? []);
  const body = answer.json<{ errors?: Record<string, string[]> }>();
  expect(body).toMatchObject({ type: `/problems/${code}`, status, code, title: expect.any(String) });
  expect(Object.keys(body.errors ?? {}).sort()).toEqual([...(fields ?? [])].sort());
  expect(answer.headers["www-authenticate"]).toBe(CHALLENGE[code]);
}

export const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const UUID = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
);

/** `session` of the contract: exactly these members. */
export function sessionShape(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: UUID,
    name: expect.any(String),
    current: true,
    kind: "api",
    device: expect.objectContaining({ type: expect.any(String) }),
    ip: expect.anything(),
    location: null,
    created_at: TIME,
    last_seen_at: TIME,
    expires_at: TIME,
    amr: ["pwd"],
    ended_at: null,
    ended_reason: null,
    ended_by: null,
    ...members,
  };
}
