import "server-only";
import type { JWK } from "jose";
import { z } from "zod";

/** A key that signs or verifies tokens. Its own `alg` is the only algorithm it is ever used with. */
export type TokenKey = { kid: string; alg: TokenAlgorithm; verifying: JWK; signing: JWK | null };

const ALGORITHMS = ["ES256", "EdDSA", "Ed25519", "RS256", "HS256"] as const;
export type TokenAlgorithm = (typeof ALGORITHMS)[number];

const common = { kid: z.string().min(1).max(200) };
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const bits = (value: string) => Math.floor((value.length * 6) / 8) * 8;

// One member per key family, so that an algorithm can never meet a key of another (RFC 8725, 3.1).
const jwkSchema = z.discriminatedUnion("kty", [
  z.object({
    ...common,
    kty: z.literal("EC"),
    alg: z.literal("ES256"),
    crv: z.literal("P-256"),
    x: base64url,
    y: base64url,
    d: base64url.optional(),
  }),
  z.object({
    ...common,
    kty: z.literal("OKP"),
    alg: z.enum(["EdDSA", "Ed25519"]),
    crv: z.literal("Ed25519"),
    x: base64url,
    d: base64url.optional(),
  }),
  z.object({
    ...common,
    kty: z.literal("RSA"),
    alg: z.literal("RS256"),
    n: base64url.refine((value) => bits(value) >= 3072, "is below 3072 bits"),
    e: base64url,
    d: base64url.optional(),
    p: base64url.optional(),
    q: base64url.optional(),
    dp: base64url.optional(),
    dq: base64url.optional(),
    qi: base64url.optional(),
  }),
  z.object({
    ...common,
    kty: z.literal("oct"),
    alg: z.literal("HS256"),
    k: base64url.refine((value) => bits(value) >= 256, "is below 256 bits"),
  }),
]);

const setSchema = z.object({ keys: z.array(jwkSchema).min(1) });

/**
 * Reads a JWK Set (RFC 7517). The first key signs and must be private; the others only verify, so that rotation is
 * "put a new key in front". Problems are sentences without a subject, and never quote key material.
 */
export function parseTokenKeys(
  json: string,
): { ok: true; keys: TokenKey[] } | { ok: false; problems: string[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { ok: false, problems: ["is not JSON: it must be a JWK Set."] };
  }

  const set = setSchema.safeParse(parsed);
  if (!set.success) {
    const problems = set.error.issues.map(
      (issue) =>
        `does not hold a key set that can be used: ${issue.path.join(".") || "set"}: ${issue.message}. Each key needs a kid and one of ${ALGORITHMS.join(", ")} as alg.`,
    );
    return { ok: false, problems };
  }

  const keys = set.data.keys.map(definedMembers).map((jwk) => ({
    kid: jwk.kid,
    alg: jwk.alg,
    verifying: jwk.kty === "oct" ? jwk : publicMembers(jwk),
    signing: jwk.kty === "oct" || jwk.d ? jwk : null,
  }));
  if (new Set(keys.map((key) => key.kid)).size < keys.length)
    return { ok: false, problems: ["holds one kid twice."] };
  if (!keys[0]?.signing)
    return { ok: false, problems: ["begins with a key that cannot sign: the first one must be private."] };
  return { ok: true, keys };
}

/** The key as anybody may see it (RFC 7517, 4), or null for a symmetric one. */
export function publicJwk({ verifying }: TokenKey): JWK | null {
  return verifying.kty === "oct" ? null : { ...verifying, use: "sig" };
}

function publicMembers({ kid, alg, kty, crv, x, y, n, e }: JWK): JWK {
  return definedMembers({ kid, alg, kty, crv, x, y, n, e });
}

// zod types an absent member as undefined, which JWK, rightly, does not allow.
function definedMembers<T extends object>(members: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]: Exclude<T[Name], undefined>;
  };
}
