import { createHash, randomBytes } from "node:crypto";
import { sealData } from "iron-session";
import { importJWK, type JWTHeaderParameters, SignJWT } from "jose";
import type { PrivateKey, Secrets } from "./secrets";

// Tokens and cookies made without the app's own code, so that a mistake there cannot hide itself.

/** Everything that a token of the app says; a member set to undefined is left out. */
export type Claims = Record<string, unknown>;

/** 256 random bits, as in `jti`. */
export function freshSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What the database keeps of a `jti`. */
export function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** Signs claims as they are, with the header of a session token unless told otherwise. */
export async function sign(
  key: PrivateKey,
  claims: Claims,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const full = { alg: key.alg, typ: "session+jwt", kid: key.kid, ...header };
  return new SignJWT(claims).setProtectedHeader(full).sign(await importJWK(key, key.alg));
}

/** The claims of a session token that began at `now`. */
export function claimsOf(
  origin: string,
  { userId, sessionId, secret }: { userId: string; sessionId: string; secret: string },
  now = new Date(),
): Claims {
  const iat = Math.floor(now.getTime() / 1000);
  return {
    iss: origin,
    aud: origin,
    sub: userId,
    sid: sessionId,
    jti: secret,
    iat,
    exp: iat + 24 * 60 * 60,
    auth_time: iat,
    amr: ["pwd"],
  };
}

/** The value of a session cookie around a token. */
export function seal(token: string, { cookiePassword }: Pick<Secrets, "cookiePassword">): Promise<string> {
  return sealData({ token }, { password: cookiePassword, ttl: 0 });
}
