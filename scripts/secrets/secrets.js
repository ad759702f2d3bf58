// @ts-check
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";

/**
 * The app's secrets, by the names of their environment variables.
 * @typedef {{ TOKEN_KEYS: string, COOKIE_PASSWORD: string }} Secrets
 */

/**
 * A new signing key and a new cookie password, with the given beginnings.
 * @param {{ key?: string, password?: string }} [prefixes]
 * @returns {Secrets}
 */
export function freshSecrets({ key = "", password = "" } = {}) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = privateKey.export({ format: "jwk" });
  const { crv, kty, x, y } = jwk;
  // RFC 7638: the members that make the key, in this order.
  const thumbprint = createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
  return {
    TOKEN_KEYS: JSON.stringify({ keys: [{ ...jwk, kid: key + thumbprint, alg: "ES256", use: "sig" }] }),
    COOKIE_PASSWORD: password + randomBytes(32).toString("base64url"),
  };
}
