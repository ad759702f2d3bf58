import { join } from "node:path";
import { z } from "zod";
import { problem } from "../problem";
import { readOrCreate } from "./private-file";
import { freshSecrets, type Secrets } from "./secrets";

// lib/env.ts knows the development secrets by these beginnings and refuses them in production.
const DEVELOPMENT = { key: "development-", password: "development-only-" };

const secrets = z.object({ TOKEN_KEYS: z.string(), COOKIE_PASSWORD: z.string() });

/** The secrets of `npm run dev` and `npm run preview`: made once, kept in `.data/secrets.json`. */
export async function developmentSecrets(root: string): Promise<Secrets> {
  const path = join(root, ".data", "secrets.json");
  const text = await readOrCreate(path, async () => JSON.stringify(freshSecrets(DEVELOPMENT), null, 2));
  try {
    return secrets.parse(JSON.parse(text));
  } catch (error) {
    throw problem(`${path} is damaged. Remove it, and new development secrets will be made.`, error);
  }
}
