import { createPublicKey } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactEncrypt, CompactSign, exportJWK, generateKeyPair, importJWK } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forge, forgeMac, part } from "../support/http/forge";
import { freshKey, freshSecrets, type PrivateKey, secretVariables } from "../support/people/secrets";
import { withSettings } from "../support/people/settings";
import { type Claims, claimsOf, freshSecret, sign } from "../support/people/tokens";

const ORIGIN = "https://app.example.com";
const NOW = new Date("2026-11-24T12:00:00Z");
const SECOND = Math.floor(NOW.getTime() / 1000);

const key = await freshKey("ES256", "ours");
const foreign = await freshKey("ES256", "ours");
const session = {
  userId: "0190f3a0-7f00-7000-8000-000000000001",
  sessionId: "0190f3a0-7f00-7000-8000-000000000002",
  secret: freshSecret(),
};
const good = claimsOf(ORIGIN, session, NOW);
const header = { alg: "ES256", typ: "session+jwt", kid: "ours" };

let verify: (token: string, now?: Date) => Promise<unknown>;
beforeAll(async () => {
  const { verifyToken } = await withSettings(
    { ...secretVariables(await freshSecrets([key])), PUBLIC_ORIGIN: ORIGIN },
    async () => {
      (await import("@/lib/env")).env();
      return import("@/lib/token/token");
    },
  );
  verify = (token, now = NOW) => verifyToken(token, now);
});

const MALFORMED = { ok: false, reason: "malformed" };
const EXPIRED = { ok: false, reason: "expired" };

test("the token that every attack below starts from is good", async () => {
  expect(await verify(forge(key, header, good))).toEqual({ ok: true, claims: good });
  expect(await verify(await sign(key, good))).toEqual({ ok: true, claims: good });
});

const pem = (jwk: PrivateKey) =>
  createPublicKey({ key: publicHalf(jwk), format: "jwk" }).export({ type: "spki", format: "pem" });
const publicHalf = ({ d: _, ...rest }: PrivateKey) => rest;

async function signedWithOther(alg: "RS256" | "PS256" | "ES384"): Promise<string> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 });
  return sign({ ...(await exportJWK(privateKey)), kid: "ours", alg }, good);
}

async function encrypted(): Promise<string> {
  const encrypt = new CompactEncrypt(Buffer.from(JSON.stringify(good)));
  const recipient = await importJWK({ ...publicHalf(key), alg: "ECDH-ES" }, "ECDH-ES");
  return encrypt.setProtectedHeader({ ...header, alg: "ECDH-ES", enc: "A256GCM" }).encrypt(recipient);
}

async function nested(): Promise<string> {
  const inner = forge(key, header, good);
  return new CompactSign(Buffer.from(inner))
    .setProtectedHeader({ ...header, cty: "JWT" })
    .sign(await importJWK(key, "ES256"));
}

const replacingHeader = (members: Record<string, unknown>) => () =>
  forge(key, { ...header, ...members }, good);
const withoutHeader = (name: string) => () =>
  forge(key, Object.fromEntries(Object.entries(header).filter(([each]) => each !== name)), good);

const SIGNATURES: [string, () => string | Promise<string>][] = [
  ["alg none and no signature", () => `${part({ ...header, alg: "none" })}.${part(good)}.`],
  ["alg none with some signature", () => `${part({ ...header, alg: "none" })}.${part(good)}.AAAA`],
  ["alg None with a good signature", replacingHeader({ alg: "None" })],
  ["no alg", withoutHeader("alg")],
  ["HS256 with the public key as PEM", () => forgeMac(String(pem(key)), { ...header, alg: "HS256" }, good)],
  [
    "HS256 with the public JWK",
    () => forgeMac(JSON.stringify(publicHalf(key)), { ...header, alg: "HS256" }, good),
  ],
  ["HS256 with the kid", () => forgeMac("ours", { ...header, alg: "HS256" }, good)],
  ["HS256 with an empty secret", () => forgeMac("", { ...header, alg: "HS256" }, good)],
  ["RS256 under our kid", () => signedWithOther("RS256")],
  ["PS256 under our kid", () => signedWithOther("PS256")],
  ["ES384 under our kid", () => signedWithOther("ES384")],
  ["another alg over our own signature", replacingHeader({ alg: "ES384" })],
  ["an encrypted token", encrypted],
  ["a token inside a token", nested],
  ["crit with a registered name", replacingHeader({ crit: ["exp"] })],
  ["crit with an unknown name", replacingHeader({ crit: ["foo"], foo: true })],
  ["an empty crit", replacingHeader({ crit: [] })],
  ["an unencoded payload (RFC 7797)", replacingHeader({ crit: ["b64"], b64: false })],
  ["a signature by another key", () => forge(foreign, header, good)],
  ["the attacker's key in the header", () => forge(foreign, { ...header, jwk: publicHalf(foreign) }, good)],
  ["no kid", withoutHeader("kid")],
  [
    "the attacker's key in the header and no kid",
    () => forge(foreign, { alg: "ES256", typ: "session+jwt", jwk: publicHalf(foreign) }, good),
  ],
  ["a certificate in the header", () => forge(foreign, { ...header, x5c: ["MIIB"] }, good)],
  [
    "another payload under our signature",
    () => {
      const [head, , signature] = forge(key, header, good).split(".");
      return `${head}.${part({ ...good, sub: session.sessionId })}.${signature}`;
    },
  ],
];

describe("signature and header", () => {
  test.each(SIGNATURES)("%s is refused", async (_, make) => {
    expect(await verify(await make())).toEqual(MALFORMED);
  });

  test.each([
    "' OR 1=1 --",
    "../../dev/null",
    "__proto__",
    "constructor",
    "ours\0",
    "OURS",
    " ours",
    "",
    "k".repeat(3_000),
    0,
    null,
    true,
    ["ours"],
    { kid: "ours" },
  ])("a good signature under the kid %j is refused", async (kid) => {
    expect(await verify(forge(key, { ...header, kid }, good))).toEqual(MALFORMED);
  });

  test.each([
    "refresh+jwt",
    "at+jwt",
    "statuslist+jwt",
    "token-introspection+jwt",
    "dpop+jwt",
    "dbsc+jwt",
    "secevent+jwt",
    "logout+jwt",
    "JWT",
    "session",
    "",
    null,
    7,
  ])("a good signature under the type %j is refused", async (typ) => {
    expect(await verify(forge(key, { ...header, typ }, good))).toEqual(MALFORMED);
  });

  test("a good signature without a type is refused", async () => {
    expect(await verify(withoutHeader("typ")())).toEqual(MALFORMED);
  });

  describe("keys from elsewhere", () => {
    let fetched = 0;
    const collector = createServer((_, response) => {
      fetched += 1;
      response.end(JSON.stringify({ keys: [publicHalf(foreign)] }));
    });
    beforeAll(() => new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve)));
    afterAll(() => void collector.close());

    test.each(["jku", "x5u"])("nothing is fetched from %s", async (member) => {
      const { port } = collector.address() as AddressInfo;
      const token = forge(foreign, { ...header, [member]: `http://127.0.0.1:${port}/keys` }, good);
      expect(await verify(token)).toEqual(MALFORMED);
      expect(fetched).toBe(0);
    });
  });
});

describe("times", () => {
  const at = (seconds: number) => new Date((SECOND + seconds) * 1000);
  const lifetime = Number(good.exp) - SECOND;

  test.each([
    ["a second before its end", lifetime - 1, { ok: true, claims: good }],
    ["at its end", lifetime, EXPIRED],
    ["a second after its end", lifetime + 1, EXPIRED],
    ["an hour after its end", lifetime + 3600, EXPIRED],
    ["60 seconds before it was issued", -60, { ok: true, claims: good }],
    ["61 seconds before it was issued", -61, MALFORMED],
  ])("%s", async (_, seconds, verdict) => {
    expect(await verify(await sign(key, good), at(seconds))).toEqual(verdict);
  });

  test("expired is said only of a token that is good otherwise", async () => {
    const old = { ...good, exp: SECOND - 1 };
    expect(await verify(forge(key, header, old))).toEqual(EXPIRED);
    expect(await verify(forge(foreign, header, old))).toEqual(MALFORMED);
    expect(await verify(forge(key, { ...header, typ: "JWT" }, old))).toEqual(MALFORMED);
    expect(await verify(forge(key, header, { ...old, aud: "other" }))).toEqual(MALFORMED);
    expect(await verify(forge(key, header, { ...old, sid: "x" }))).toEqual(MALFORMED);
  });

  test("a token that is not valid yet is refused", async () => {
    expect(await verify(forge(key, header, { ...good, nbf: SECOND + 1 }))).toEqual(MALFORMED);
    expect(await verify(forge(key, header, { ...good, nbf: SECOND }))).toMatchObject({ ok: true });
  });

  test("an end that is not a finite number is refused", async () => {
    const endless = JSON.stringify(good).replace(/"exp":\d+/, '"exp":1e999');
    expect(endless).toContain("1e999");
    expect(await verify(forge(key, header, endless))).toEqual(MALFORMED);
  });
});

const OTHER_VALUES: Record<string, unknown[]> = {
  iss: [
    "https://other.example.com",
    `${ORIGIN}/`,
    `${ORIGIN}.evil`,
    "http://app.example.com",
    [ORIGIN],
    null,
    1,
  ],
  aud: [
    "https://other.example.com",
    `${ORIGIN}/`,
    ORIGIN.toUpperCase(),
    [],
    {},
    [ORIGIN],
    [ORIGIN, "other"],
    null,
  ],
  sub: ["ada@example.com", "", 1, null, session.userId.slice(1), { set: session.userId }],
  sid: ["1", "", 1, null, `${session.sessionId}0`, [session.sessionId]],
  jti: ["", "short", `${session.secret}A`, session.secret.slice(1), 1, null, [session.secret]],
  iat: [String(SECOND), SECOND + 0.5, -1, 0, null, {}],
  exp: [String(good.exp), SECOND + 60.5, null, {}, [good.exp], true, -1, 0],
  auth_time: [String(SECOND), SECOND + 0.5, -1, null],
  amr: ["pwd", [1], null, {}],
};

describe("claims", () => {
  describe.each(Object.entries(OTHER_VALUES))("%s", (name, values) => {
    test("is required", async () => {
      const claims: Claims = { ...good };
      delete claims[name];
      expect(await verify(forge(key, header, claims))).toEqual(MALFORMED);
    });

    test.each(values.map((value) => [value]))("cannot be %j", async (value) => {
      expect(await verify(forge(key, header, { ...good, [name]: value }))).toEqual(MALFORMED);
    });
  });

  test("others are let through and handed on", async () => {
    const token = forge(key, header, { ...good, role: "admin" });
    expect(await verify(token)).toEqual({ ok: true, claims: { ...good, role: "admin" } });
  });
});

describe("shape", () => {
  const token = forge(key, header, good);
  const [head = "", payload = "", signature = ""] = token.split(".");

  test.each([
    ["nothing", ""],
    ["dots alone", ".."],
    ["one part", head],
    ["two parts", `${head}.${payload}`],
    ["four parts", `${token}.${signature}`],
    ["five parts", `${token}.${payload}.${signature}`],
    ["a line end behind", `${token}\n`],
    ["a line end before", `\n${token}`],
    ["a space behind", `${token} `],
    ["padding", `${token}==`],
    ["the other base 64", `${head}.${payload}.+/${signature.slice(2)}`],
    ["a percent sign", `${token}%`],
    ["a NUL", `${token}\0`],
    ["letters beyond ASCII", `${token}é`],
    ["a signature that is cut off", token.slice(0, -4)],
    ["a signature with four characters more", `${token}AAAA`],
    ["a header that is no JSON", `${part("{")}.${payload}.${signature}`],
    ["a header that is null", forge(key, null, good)],
    ["a header that is a list", forge(key, [header], good)],
    ["a header that is a string", forge(key, '"x"', good)],
    ["a payload that is no JSON", forge(key, header, "{")],
    ["a payload that is null", forge(key, header, "null")],
    ["a payload that is a list", forge(key, header, [good])],
    ["more characters than any token of ours", forge(key, header, { ...good, more: "x".repeat(4_000) })],
    ["the JSON form of a signature", JSON.stringify({ payload, protected: head, signature })],
  ])("%s is refused", async (_, text) => {
    expect(await verify(text)).toEqual(MALFORMED);
  });
});
