// @ts-check
import { randomBytes } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";

/**
 * What the app keeps to itself, by the names of its environment variables.
 * @typedef {{ TOKEN_KEYS: string, COOKIE_PASSWORD: string }} Secrets
 */

/**
 * A new signing key and a new cookie password, which begin as told.
 * @param {{ key?: string, password?: string }} [prefixes]
 * @returns {Promise<Secrets>}
 */
export async function freshSecrets({ key = "", password = "" } = {}) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = key + (await calculateJwkThumbprint(jwk)); // RFC 7638
  return {
    TOKEN_KEYS: JSON.stringify({ keys: [{ ...jwk, kid, alg: "ES256", use: "sig" }] }),
    COOKIE_PASSWORD: password + randomBytes(32).toString("base64url"),
  };
}
