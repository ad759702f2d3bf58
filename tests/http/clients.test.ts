import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { allowInsecureRequests, ClientSecretBasic, discovery, tokenIntrospection } from "openid-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { type Server, startServer } from "../support/http/server";
import { newSession, newVisitor, type Visitor } from "../support/people/visitors";

// Programs that others have written, as they come: they find their way by the metadata and read our tokens.

const SECRET = "b1946ac92492d2347c6235b4d2611184";

let server: Server;
let db: ReturnType<typeof connect>;
let visitor: Visitor;
beforeAll(async () => {
  const env = { INTROSPECTION_CLIENTS: JSON.stringify({ reports: SECRET }) };
  server = await startServer({ databaseUrl: await freshDatabase(), env });
  db = connect(server.databaseUrl);
  visitor = await newVisitor(server, db);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await db?.end();
});

test("openid-client finds the introspection by the metadata, and learns of an ending at the next question", async () => {
  const settings = { algorithm: "oauth2" as const, execute: [allowInsecureRequests] };
  const authentication = ClientSecretBasic(SECRET);
  const client = await discovery(new URL(server.origin), "reports", SECRET, authentication, settings);
  const { row, token } = await newSession(server, db, visitor.person);
  const { id, email } = visitor.person;
  expect(await tokenIntrospection(client, token)).toMatchObject({
    active: true,
    sub: id,
    username: email,
    token_type: "Bearer",
  });
  await visitor.program.delete(`/api/auth/sessions/${row.id}`);
  expect(await tokenIntrospection(client, token)).toEqual({ active: false });
});

test("jose checks a token offline, by the keys that it fetches itself", async () => {
  const keys = createRemoteJWKSet(new URL(`${server.origin}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(visitor.token, keys, {
    issuer: server.origin,
    audience: server.origin,
    typ: "session+jwt",
  });
  expect(payload.sub).toBe(visitor.person.id);
});

const PYTHON = "/usr/bin/python3";
const python = (script: string) => promisify(execFile)(PYTHON, ["-c", script]);
const hasPyJwt =
  existsSync(PYTHON) &&
  (await python("import jwt, cryptography").then(
    () => true,
    () => false,
  ));

describe("PyJWT", () => {
  const read = (token: string) =>
    python(`
import jwt
keys = jwt.PyJWKClient("${server.origin}/.well-known/jwks.json")
token = "${token}"
key = keys.get_signing_key_from_jwt(token).key
print(jwt.decode(token, key, algorithms=["ES256"], audience="${server.origin}", issuer="${server.origin}")["sub"])
`);

  test("checks a token offline, and refuses one that was changed", async ({ skip }) => {
    skip(!hasPyJwt, "python3 has no PyJWT with cryptography");
    expect((await read(visitor.token)).stdout.trim()).toBe(visitor.person.id);
    const [head, , signature] = visitor.token.split(".");
    const other = (await newVisitor(server, db)).token.split(".")[1];
    await expect(read([head, other, signature].join("."))).rejects.toThrow(/InvalidSignature/);
  });
});
