import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, describe, expect, inject, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { program } from "../support/http/client";
import { startServer } from "../support/http/server";
import { freshKey, freshSecrets } from "../support/people/secrets";
import { newVisitor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const KEY_SET = "/.well-known/jwks.json";
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
type KeySet = { keys: { kty: string; kid: string; alg: string; use: string }[] };

describe("the key set", () => {
  test("holds the public key, for everybody, for five minutes", async () => {
    const answer = await program(server).get(KEY_SET);
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/jwk-set+json");
    expect(answer.headers["cache-control"]).toBe("public, max-age=300");
    const [key] = server.secrets.keys;
    expect(answer.json()).toEqual({
      keys: [{ kid: key?.kid, kty: "EC", crv: "P-256", x: key?.x, y: key?.y, alg: "ES256", use: "sig" }],
    });
  });

  test("is all that another service needs to check a signature", async () => {
    const { token, person } = await newVisitor(server, db);
    const keys = createLocalJWKSet((await program(server).get(KEY_SET)).json<KeySet>());
    const { payload } = await jwtVerify(token, keys, {
      issuer: server.origin,
      audience: server.origin,
      typ: "session+jwt",
    });
    expect(payload.sub).toBe(person.id);
  });

  test("is sent once: after that a tag will do", async () => {
    const { headers } = await program(server).get(KEY_SET);
    const { etag = "" } = headers;
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await program(server).get(KEY_SET, { headers: { "if-none-match": known } });
      expect([answer.status, answer.text, answer.headers.etag]).toEqual([304, "", etag]);
    }
    expect((await program(server).get(KEY_SET, { headers: { "if-none-match": '"other"' } })).status).toBe(
      200,
    );
  });
});

test("with keys of every family no private member is shown, and of a shared secret nothing", async () => {
  const keys = [
    await freshKey("Ed25519", "new"),
    await freshKey("RS256", "old"),
    await freshKey("HS256", "shared"),
    await freshKey("ES256", "oldest"),
  ];
  const mixed = await startServer({ databaseUrl: await freshDatabase(), secrets: await freshSecrets(keys) });
  try {
    const { text, ...answer } = await program(mixed).get(KEY_SET);
    const shown = answer.json<KeySet>().keys;
    expect(shown.map(({ kid }) => kid)).toEqual(["new", "old", "oldest"]);
    for (const key of shown) expect(Object.keys(key).filter((name) => PRIVATE.includes(name))).toEqual([]);
    for (const key of keys) {
      const secrets = Object.entries(key).filter(([name]) => PRIVATE.includes(name));
      expect(secrets.length).toBeGreaterThan(0);
      for (const [, secret] of secrets) expect(text).not.toContain(secret);
    }
  } finally {
    await mixed.stop();
  }
});
