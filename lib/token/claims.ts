import "server-only";
import type { User } from "@/prisma/client/client";

/** Whose token it is, and for which session. `user` is the row, but for the password's hash. */
export type ClaimSource = {
  user: Omit<User, "passwordHash">;
  session: { id: string; kind: "browser" | "api" };
};

/**
 * Metadata for other applications that read the token: return any JSON members, for instance
 * `{ tenant: "acme", role: user.role }`. `requireSession` gives them back as `claims`, and so does `verify`. They are signed
 * but readable by everybody who holds the token, and stay as they are until it expires, so put nothing secret in here and
 * nothing that must change at once.
 */
export async function extraClaims(_source: ClaimSource): Promise<Record<string, unknown>> {
  return {};
}
