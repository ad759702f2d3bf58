import { decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import {
  FAMILIES,
  freshKey,
  freshSecrets,
  type PrivateKey,
  secretVariables,
} from "../support/people/secrets";
import { withSettings } from "../support/people/settings";
import { claimsOf, freshSecret, sign } from "../support/people/tokens";

const ORIGIN = "https://app.example.com";
const NOW = new Date();
const claims = claimsOf(ORIGIN, {
  userId: "0190f3a0-7f00-7000-8000-000000000001",
  sessionId: "0190f3a0-7f00-7000-8000-000000000002",
  secret: freshSecret(),
});

async function tokensWith(...keys: PrivateKey[]): Promise<typeof import("@/lib/token/token")> {
  return withSettings(
    { ...secretVariables(await freshSecrets(keys)), PUBLIC_ORIGIN: ORIGIN },
    () => import("@/lib/token/token"),
  );
}

const unsigned = () => ({
  sub: String(claims.sub),
  sid: String(claims.sid),
  jti: String(claims.jti),
  iat: Number(claims.iat),
  exp: Number(claims.exp),
  auth_time: Number(claims.auth_time),
  amr: ["pwd"],
});

describe.each(FAMILIES)("a %s key", (family) => {
  test("signs and verifies, under its own algorithm alone", async () => {
    const key = await freshKey(family);
    const { signToken, verifyToken } = await tokensWith(key);
    const token = await signToken(unsigned());
    expect(decodeProtectedHeader(token)).toEqual({ alg: family, typ: "session+jwt", kid: key.kid });
    expect(await verifyToken(token, NOW)).toEqual({ ok: true, claims });
  });

  test("does not accept a token of another key of its family", async () => {
    const key = await freshKey(family, "same");
    const { verifyToken } = await tokensWith(key);
    const foreign = await sign(await freshKey(family, "same"), claims);
    expect(await verifyToken(foreign, NOW)).toEqual({ ok: false, reason: "malformed" });
  });
});

test("EdDSA, the older name of Ed25519, works too", async () => {
  const key = { ...(await freshKey("Ed25519")), alg: "EdDSA" };
  const { signToken, verifyToken } = await tokensWith(key);
  const token = await signToken(unsigned());
  expect(decodeProtectedHeader(token).alg).toBe("EdDSA");
  expect(await verifyToken(token, NOW)).toMatchObject({ ok: true });
});

describe("rotation", () => {
  test("a new key in front signs, the old one still verifies, a retired one does not", async () => {
    const [old, current] = [await freshKey("ES256"), await freshKey("Ed25519")];
    const oldToken = await (await tokensWith(old)).signToken(unsigned());

    const both = await tokensWith(current, old);
    const newToken = await both.signToken(unsigned());
    expect(decodeProtectedHeader(newToken).kid).toBe(current.kid);
    expect(await both.verifyToken(oldToken, NOW)).toMatchObject({ ok: true });
    expect(await both.verifyToken(newToken, NOW)).toMatchObject({ ok: true });

    const { verifyToken } = await tokensWith(current);
    expect(await verifyToken(newToken, NOW)).toMatchObject({ ok: true });
    expect(await verifyToken(oldToken, NOW)).toEqual({ ok: false, reason: "malformed" });
  });

  test("the old key may be kept without its private half", async () => {
    const [old, current] = [await freshKey(), await freshKey()];
    const { d: _, ...publicHalf } = old;
    const { verifyToken } = await tokensWith(current, publicHalf);
    expect(await verifyToken(await sign(old, claims), NOW)).toMatchObject({ ok: true });
  });

  test("keys of two families never stand in for each other", async () => {
    const [first, second] = [await freshKey("ES256"), await freshKey("HS256")];
    const { verifyToken } = await tokensWith(first, second);
    const crossed = await sign({ ...second, kid: first.kid }, claims);
    expect(await verifyToken(crossed, NOW)).toEqual({ ok: false, reason: "malformed" });
  });
});

test.each(["HS384", "HS512"])("a shared secret for HS256 does not accept %s", async (alg) => {
  const key = await freshKey("HS256");
  const long = { ...key, k: Buffer.alloc(64, 7).toString("base64url") };
  const { verifyToken } = await tokensWith(long);
  expect(await verifyToken(await sign(long, claims), NOW)).toMatchObject({ ok: true });
  const other = await sign({ ...long, alg }, claims);
  expect(await verifyToken(other, NOW)).toEqual({ ok: false, reason: "malformed" });
});

describe("signToken", () => {
  test("lets no extra claim replace one of ours", async () => {
    const { signToken, verifyToken } = await tokensWith(await freshKey());
    const token = await signToken(unsigned(), {
      sub: "x",
      sid: "x",
      iss: "x",
      aud: "x",
      exp: 9e9,
      tenant: "acme",
    });
    expect(await verifyToken(token, NOW)).toEqual({ ok: true, claims: { ...claims, tenant: "acme" } });
  });

  test("refuses extra claims that would not fit a cookie, and says where to look", async () => {
    const { signToken } = await tokensWith(await freshKey());
    await expect(signToken(unsigned(), { more: "x".repeat(2_000) })).rejects.toThrow("lib/token/claims.ts");
  });

  test("makes secrets of 256 bits that never repeat", async () => {
    const { randomSecret } = await tokensWith(await freshKey());
    const secrets = Array.from({ length: 10_000 }, randomSecret);
    expect(new Set(secrets).size).toBe(10_000);
    expect(secrets.every((each) => Buffer.from(each, "base64url").length === 32)).toBe(true);
  });
});
