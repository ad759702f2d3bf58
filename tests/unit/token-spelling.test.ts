import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { respellingsOf, twinOf } from "../support/http/forge";
import { FAMILIES, freshKey, freshSecrets, secretVariables } from "../support/people/secrets";
import { withSettings } from "../support/people/settings";
import { claimsOf, freshSecret, sign } from "../support/people/tokens";

// One JWT has several spellings: a list of ended tokens by their text would let the others in. Ours names the session.

const ORIGIN = "https://app.example.com";
const NOW = new Date();
const keys = await Promise.all(FAMILIES.map((family) => freshKey(family)));
const session = {
  userId: "0190f3a0-7f00-7000-8000-000000000001",
  sessionId: "0190f3a0-7f00-7000-8000-000000000002",
  secret: freshSecret(),
};
const claims = claimsOf(ORIGIN, session, NOW);
const tokens = await Promise.all(keys.map((key) => sign(key, claims)));

let verifyToken: typeof import("@/lib/token/token")["verifyToken"];
beforeAll(async () => {
  ({ verifyToken } = await withSettings(
    { ...secretVariables(await freshSecrets(keys)), PUBLIC_ORIGIN: ORIGIN },
    async () => {
      (await import("@/lib/env")).env();
      return import("@/lib/token/token");
    },
  ));
});

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é";

const mutation = fc.oneof(
  fc.record({ kind: fc.constant("replace" as const), at: fc.nat(), by: fc.constantFrom(...CHARACTERS) }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(), by: fc.constantFrom(...CHARACTERS) }),
  fc.record({ kind: fc.constant("remove" as const), at: fc.nat(), by: fc.constant("") }),
  fc.record({ kind: fc.constant("swap" as const), at: fc.nat(), by: fc.constant("") }),
);

function mutate(token: string, { kind, at, by }: { kind: string; at: number; by: string }): string {
  const index = at % token.length;
  if (kind === "replace") return token.slice(0, index) + by + token.slice(index + 1);
  if (kind === "insert") return token.slice(0, index) + by + token.slice(index);
  if (kind === "remove") return token.slice(0, index) + token.slice(index + 1);
  return (
    token.slice(0, index) +
    token
      .slice(index, index + 2)
      .split("")
      .reverse()
      .join("") +
    token.slice(index + 2)
  );
}

const contentOf = (token: string) => token.split(".").slice(0, 2).join(".");

describe.each(FAMILIES.map((family, index) => [family, tokens[index] ?? ""] as const))(
  "%s",
  (family, token) => {
    test("the token is good", async () => {
      expect(await verifyToken(token, NOW)).toEqual({ ok: true, claims });
    });

    test("no mutation is accepted but another spelling of the same signature", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
          const mutated = mutations.reduce(mutate, token);
          fc.pre(mutated !== token);
          const verdict = await verifyToken(mutated, NOW);
          if (!verdict.ok) return;
          expect(contentOf(mutated)).toBe(contentOf(token));
          expect(mutated.length).toBe(token.length);
          expect(verdict.claims).toEqual(claims);
        }),
        { numRuns: 1_000 },
      );
    });

    test("another last character that stands for the same bits names the same session", async () => {
      // RSA signatures of 3,072 bits fill their last character.
      const respellings = respellingsOf(token);
      expect(respellings.length).toBe({ ES256: 15, Ed25519: 15, RS256: 0, HS256: 3 }[family]);
      for (const each of respellings) expect(await verifyToken(each, NOW)).toEqual({ ok: true, claims });
    });
  },
);

test("the twin of an ECDSA signature names the same session", async () => {
  const [token = ""] = tokens;
  const twin = twinOf(token);
  expect(twin).not.toBe(token);
  expect(await verifyToken(twin, NOW)).toEqual({ ok: true, claims });
});
