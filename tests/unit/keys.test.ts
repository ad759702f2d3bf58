import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseTokenKeys, publicJwk } from "@/lib/token/keys";
import { FAMILIES, freshKey, type PrivateKey } from "../support/people/secrets";

const parse = (...keys: unknown[]) => parseTokenKeys(JSON.stringify({ keys }));

function problemsOf(json: string): string {
  const result = parseTokenKeys(json);
  if (result.ok) throw new Error("These keys were taken.");
  return result.problems.join("\n");
}

const good = await freshKey("ES256");
const [rsa, octets, ed] = [await freshKey("RS256"), await freshKey("HS256"), await freshKey("Ed25519")];

function smallRsa(bits: number): PrivateKey {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return { ...(privateKey.export({ format: "jwk" }) as PrivateKey), kid: "small", alg: "RS256" };
}

test.each(FAMILIES)("a fresh %s key is taken", async (family) => {
  expect(parse(await freshKey(family))).toMatchObject({ ok: true, keys: [{ alg: family }] });
});

describe("a key set is refused, and the reason is told, when", () => {
  test.each<[string, unknown[], RegExp]>([
    ["it is empty", [], /keys/],
    ["an RSA key has 2048 bits", [smallRsa(2048)], /below 3072 bits/],
    [
      "a shared secret has 248 bits",
      [{ ...octets, k: Buffer.alloc(31, 7).toString("base64url") }],
      /below 256 bits/,
    ],
    ["a key has no kid", [{ ...good, kid: undefined }], /kid/],
    ["a kid is empty", [{ ...good, kid: "" }], /kid/],
    ["a key has no alg", [{ ...good, alg: undefined }], /alg/],
    ["an elliptic key says HS256", [{ ...good, alg: "HS256" }], /alg/],
    ["a shared secret says ES256", [{ ...octets, alg: "ES256" }], /alg/],
    ["an RSA key says PS256", [{ ...rsa, alg: "PS256" }], /alg/],
    ["an elliptic key is on another curve", [{ ...good, crv: "P-384" }], /crv/],
    ["the second key is weak", [good, smallRsa(2048)], /keys\.1.*below 3072 bits/],
    [
      "one kid stands twice",
      [
        { ...good, kid: "a" },
        { ...ed, kid: "a" },
      ],
      /kid twice/,
    ],
    ["the first key cannot sign", [{ ...good, d: undefined }, ed], /cannot sign/],
    ["it holds an unknown family", [{ ...good, kty: "AKP" }], /kty/],
  ])("%s", (_, keys, reason) => {
    expect(problemsOf(JSON.stringify({ keys }))).toMatch(reason);
  });

  test.each(["", "{", "[]", "null", "1", '"x"', "{}", '{"keys":{}}', '{"keys":[null]}'])(
    "it is %j",
    (json) => {
      expect(problemsOf(json)).not.toBe("");
    },
  );

  test("no key material is quoted", () => {
    const d = Buffer.alloc(32, 9).toString("base64url");
    const broken = JSON.stringify({ keys: [{ ...good, d, crv: "secp256k1" }] });
    expect(problemsOf(broken)).not.toContain(d);
    expect(problemsOf(`${broken.slice(0, -1)},`)).not.toContain(d);
  });
});

describe("publicJwk", () => {
  const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

  test.each([
    ["ES256", good],
    ["RS256", rsa],
    ["Ed25519", ed],
  ])("shows no private member of an %s key", (_, key) => {
    const parsed = parse({ ...key, ext: true, key_ops: ["sign"] });
    if (!parsed.ok || !parsed.keys[0]) throw new Error("The key was not taken.");
    const shown = publicJwk(parsed.keys[0]);
    expect(shown).toMatchObject({ kid: key.kid, alg: key.alg, use: "sig" });
    expect(Object.keys(shown ?? {}).filter((name) => PRIVATE.includes(name))).toEqual([]);
  });

  test("shows nothing of a shared secret", () => {
    const parsed = parse(octets);
    expect(parsed.ok && parsed.keys[0] && publicJwk(parsed.keys[0])).toBeNull();
  });
});
