import "server-only";

/** What a session is made from, for `extraClaims`. */
export type ClaimSource = { userId: string; sessionId: string; kind: "browser" | "api" };

/**
 * Metadata for other applications that read the token: return any JSON members, for instance
 * `{ tenant: "acme", roles: ["editor"] }`. They are signed but readable by everybody who holds the token, and stay
 * as they are until it expires, so put nothing secret and nothing that must change at once in here.
 */
export function extraClaims(_source: ClaimSource): Record<string, unknown> {
  return {};
}
