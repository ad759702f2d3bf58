import "server-only";
import {
  type CryptoKey,
  decodeProtectedHeader,
  errors,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import { z } from "zod";
import { env } from "@/lib/env";
import { MAX_TOKEN_LENGTH } from "@/lib/limits";
import { SECONDS } from "@/lib/time";

const TYPE = "session+jwt";

// RFC 8725bis, 3.14: three base64url parts and nothing else, not even a line end.
const SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** Longest token that is parsed, in characters. Ours are shorter; older ones may carry more claims. */
const LONGEST_ACCEPTED = 2 * MAX_TOKEN_LENGTH;

/** How far ahead of this server's clock the issuing server's may run, in seconds. */
const CLOCK_SKEW = 60;

// jose checks the registered claims; this checks what it lets through (numeric `sub`, fractional or infinite `exp`).
const seconds = z.int().positive();
/** What every token says, and, by lib/token/claims.ts, what else it says. */
export const claimsSchema = z.looseObject({
  iss: z.string(),
  aud: z.string(),
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  iat: seconds,
  exp: seconds,
  auth_time: seconds,
  amr: z.array(z.string()),
});

/** The claims of a session token, those of lib/token/claims.ts included; times are Unix seconds. */
export type TokenClaims = z.infer<typeof claimsSchema>;

/** What every token says. The issuer and the audience are this app. */
type RegisteredClaims = Pick<TokenClaims, "sub" | "sid" | "jti" | "iat" | "exp" | "auth_time" | "amr">;

// jose would import a key at its first use, and keep it, too. We import all of them at the start, to hear of a broken one then.
const imported = new WeakMap<JWK, Promise<CryptoKey | Uint8Array>>();

function cryptoKey(jwk: JWK, alg: string): Promise<CryptoKey | Uint8Array> {
  let promise = imported.get(jwk);
  if (!promise) {
    promise = importJWK(jwk, alg);
    imported.set(jwk, promise);
  }
  return promise;
}

/** Draws 256 random bits, base64url: the `jti`, of which the database keeps only the hash. */
export function randomSecret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
}

/** Hashes a `jti` as it is stored: SHA-256. */
export async function hashSecret(secret: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
}

/**
 * Signs a session token with the first key (JWS compact serialisation, RFC 7515).
 * Throws when the extra claims make it longer than `MAX_TOKEN_LENGTH`: sealed, it would not fit a cookie.
 */
export async function signToken(
  claims: RegisteredClaims,
  extra: Record<string, unknown> = {},
): Promise<string> {
  const { tokenKeys, publicOrigin } = env();
  const [key] = tokenKeys;
  if (!key?.signing) throw new Error("There is no key to sign with.");
  // Spread first: an extra claim never replaces one of ours.
  const token = await new SignJWT({ ...extra, ...claims, iss: publicOrigin, aud: publicOrigin })
    .setProtectedHeader({ alg: key.alg, typ: TYPE, kid: key.kid })
    .sign(await cryptoKey(key.signing, key.alg));
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new Error(
      `The token has ${token.length} characters, above ${MAX_TOKEN_LENGTH}: see lib/token/claims.ts.`,
    );
  }
  return token;
}

/**
 * The keys that do not work, a sentence each; empty when all do. A key set can look right and still hold numbers that do not
 * belong together. Better to learn of it at the start than at the first sign-in.
 */
export async function keyProblems(): Promise<string[]> {
  const tried = await Promise.allSettled(
    env().tokenKeys.map(async ({ alg, verifying, signing }) => {
      const publicKey = await cryptoKey(verifying, alg);
      if (!signing) return;
      const signed = await new SignJWT({}).setProtectedHeader({ alg }).sign(await cryptoKey(signing, alg));
      await jwtVerify(signed, publicKey, { algorithms: [alg] });
    }),
  );
  const broken = env().tokenKeys.filter((_, index) => tried[index]?.status === "rejected");
  return broken.map(({ kid }) => `TOKEN_KEYS holds a key that does not work: ${kid}.`);
}

export type TokenVerdict = { ok: true; claims: TokenClaims } | { ok: false; reason: "malformed" | "expired" };

const MALFORMED: TokenVerdict = { ok: false, reason: "malformed" };

/**
 * Checks signature, type, issuer, audience and times of a token (RFC 8725). Never throws for bad input. It says nothing
 * about the session being alive: that is `verify.ts`. `expired` is answered only for a token that is otherwise good.
 */
export async function verifyToken(token: string, now: Date): Promise<TokenVerdict> {
  if (token.length > LONGEST_ACCEPTED || !SHAPE.test(token)) return MALFORMED;

  const { tokenKeys, publicOrigin } = env();
  try {
    // The kid only ever selects among our own keys, and the key then fixes the algorithm: RFC 8725, 3.1 and 3.10.
    const { kid } = decodeProtectedHeader(token);
    const key = tokenKeys.find((each) => each.kid === kid);
    if (!key) return MALFORMED;

    const { payload } = await jwtVerify(token, await cryptoKey(key.verifying, key.alg), {
      algorithms: [key.alg],
      typ: TYPE,
      issuer: publicOrigin,
      audience: publicOrigin,
      currentDate: now,
    });
    return checkClaims(payload, now);
  } catch (error) {
    return error instanceof errors.JWTExpired && claimsSchema.safeParse(error.payload).success
      ? { ok: false, reason: "expired" }
      : MALFORMED;
  }
}

function checkClaims(payload: JWTPayload, now: Date): TokenVerdict {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) return MALFORMED;
  const fromTheFuture = parsed.data.iat > now.getTime() / SECONDS + CLOCK_SKEW;
  return fromTheFuture ? MALFORMED : { ok: true, claims: parsed.data };
}
