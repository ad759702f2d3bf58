import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { z } from "zod";
import { readOrCreate } from "./private-file";
import { problem } from "./problem";

// lib/env.ts knows the development secrets by these beginnings and refuses them in production.
const DEVELOPMENT_KEY = "development-";
const DEVELOPMENT_PASSWORD = "development-only-";

const secrets = z.object({ TOKEN_KEYS: z.string(), COOKIE_PASSWORD: z.string() });

/** What the app keeps to itself, by the names of its environment variables. */
export type Secrets = z.infer<typeof secrets>;

/** A new signing key and a new cookie password, for production. */
export function freshSecrets(): Promise<Secrets> {
  return makeSecrets("", "");
}

/** The secrets of `npm run dev` and `npm run preview`: made once, kept in `.data/secrets.json`. */
export async function developmentSecrets(root: string): Promise<Secrets> {
  const path = join(root, ".data", "secrets.json");
  const text = await readOrCreate(path, async () =>
    JSON.stringify(await makeSecrets(DEVELOPMENT_KEY, DEVELOPMENT_PASSWORD), null, 2),
  );
  try {
    return secrets.parse(JSON.parse(text));
  } catch (error) {
    throw problem(`${path} is damaged. Remove it, and new development secrets will be made.`, error);
  }
}

async function makeSecrets(keyPrefix: string, passwordPrefix: string): Promise<Secrets> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = keyPrefix + (await calculateJwkThumbprint(jwk)); // RFC 7638
  return {
    TOKEN_KEYS: JSON.stringify({ keys: [{ ...jwk, kid, alg: "ES256", use: "sig" }] }),
    COOKIE_PASSWORD: passwordPrefix + randomBytes(32).toString("base64url"),
  };
}
