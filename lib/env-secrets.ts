import "server-only";
import { z } from "zod";
import { parseTokenKeys } from "@/lib/token/keys";

// What makes a secret among the settings good enough. lib/env.ts reads them.

const DEVELOPMENT_PASSWORD = "development-only-";
const DEVELOPMENT_KEY = "development-";

/** Where better ones come from. */
export const FRESH = "`npm run --silent secrets` prints a fresh set.";

/** iron-session's `password`: one string, or id → password. Throws for JSON that is neither. */
export function parseCookiePassword(value: string): string | Record<string, string> {
  if (!value.startsWith("{")) return value;
  return z.record(z.string().regex(/^\d+$/), z.string()).parse(JSON.parse(value));
}

/** What is wrong with COOKIE_PASSWORD, a sentence each. */
export function passwordProblems(value: string): string[] {
  let passwords: string[];
  try {
    const parsed = parseCookiePassword(value);
    passwords = typeof parsed === "string" ? [parsed] : Object.values(parsed);
  } catch {
    return ['must be one password, or a JSON object such as {"2":"new","1":"old"}.'];
  }
  const weak =
    passwords.length === 0 || passwords.some((each) => each.length < 32 || new Set(each).size < 12);
  return weak ? [`is too weak: it needs 32 random characters or more. ${FRESH}`] : [];
}

/** What is wrong with TOKEN_KEYS, a sentence each. */
export function tokenKeyProblems(value: string): string[] {
  const keys = parseTokenKeys(value);
  return keys.ok ? [] : keys.problems;
}

/** The names of the settings whose values everybody could know. */
export function developmentSecretsIn(source: { TOKEN_KEYS: string; COOKIE_PASSWORD: string }): string[] {
  const keys = parseTokenKeys(source.TOKEN_KEYS);
  const names: string[] = [];
  if (keys.ok && keys.keys.some((key) => key.kid.startsWith(DEVELOPMENT_KEY))) names.push("TOKEN_KEYS");
  if (source.COOKIE_PASSWORD.includes(DEVELOPMENT_PASSWORD)) names.push("COOKIE_PASSWORD");
  return names;
}

const clientsSchema = z.record(
  z.string().min(1),
  z.string().refine((secret) => secret.length >= 32 && new Set(secret).size >= 12),
);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** INTROSPECTION_CLIENTS: the secrets of clients by their names. */
export const introspectionClients = z
  .string()
  .default("{}")
  .transform((text, context) => {
    const clients = clientsSchema.safeParse(parseJson(text));
    if (clients.success) return new Map(Object.entries(clients.data));
    context.addIssue({
      code: "custom",
      message: 'must be JSON such as {"name":"secret"}, each secret of 32 random characters or more.',
    });
    return z.NEVER;
  });
