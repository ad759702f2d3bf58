import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK } from "jose";

// Secrets of the tests: fresh in every run, so that none of them can ever be somebody's.

/** The four families of keys that the app takes. */
export const FAMILIES = ["ES256", "Ed25519", "RS256", "HS256"] as const;
export type Family = (typeof FAMILIES)[number];

/** A private key with its id, as it stands in TOKEN_KEYS. */
export type PrivateKey = JWK & { kid: string; alg: string };

/** What a server or a test needs to make and check tokens and cookies. */
export type Secrets = { keys: PrivateKey[]; cookiePassword: string };

export async function freshKey(family: Family = "ES256", kid: string = randomName()): Promise<PrivateKey> {
  if (family === "HS256") return { kty: "oct", alg: family, kid, k: randomBytes(32).toString("base64url") };
  const { privateKey } = await generateKeyPair(family, { extractable: true, modulusLength: 3072 });
  return { ...(await exportJWK(privateKey)), kid, alg: family };
}

export async function freshSecrets(keys?: PrivateKey[]): Promise<Secrets> {
  return { keys: keys ?? [await freshKey()], cookiePassword: freshPassword() };
}

/** A cookie password. */
export function freshPassword(): string {
  return randomBytes(32).toString("base64url");
}

/** The two variables that carry secrets. */
export function secretVariables({ keys, cookiePassword }: Secrets): {
  TOKEN_KEYS: string;
  COOKIE_PASSWORD: string;
} {
  return { TOKEN_KEYS: JSON.stringify({ keys }), COOKIE_PASSWORD: cookiePassword };
}

/** Unlike anything else, for names, addresses and ids. */
export function randomName(): string {
  return randomBytes(6).toString("hex");
}
