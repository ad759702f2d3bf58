import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { env } from "@/lib/env";
import { verifySession } from "@/lib/session/verify";
import { ownDatabase } from "../support/database/database";
import { forge, forgeMac, part } from "../support/http/forge";
import { addPerson, addSession, type Row } from "../support/people/people";
import { freshKey, type PrivateKey } from "../support/people/secrets";
import { claimsOf, freshSecret, seal, sign } from "../support/people/tokens";

// Why a dump of the database or a leaked signing key alone opens nothing: each thief tries everything they have.

const db = ownDatabase();
afterAll(() => db.end());

const { publicOrigin } = env();
const key = JSON.parse(process.env.TOKEN_KEYS ?? "").keys[0] as PrivateKey;
const { d: _, ...publicKey } = key;

type Dump = { id: string; user_id: string; secret_hash: Buffer };
let row: Row;
let dump: Dump;
beforeAll(async () => {
  row = await addSession(db, await addPerson(db));
  const { rows } = await db.query<Dump>("SELECT * FROM sessions WHERE id = $1", [row.id]);
  if (!rows[0]) throw new Error("There is no session.");
  [dump] = rows as [Dump];
});

const claims = (secret: string) =>
  claimsOf(publicOrigin, { userId: dump.user_id, sessionId: dump.id, secret });

/** Everything that the columns could be taken for as a secret. */
const guesses = () => [
  dump.secret_hash.toString("base64url"),
  dump.secret_hash.toString("hex").slice(0, 43),
  dump.secret_hash.toString("hex"),
  Buffer.alloc(32).toString("base64url"),
  dump.id.replaceAll("-", "").padEnd(43, "A"),
];

async function getsIn(token: string): Promise<boolean> {
  const bearer = await verifySession({ form: "bearer", value: token }, new Date());
  const cookie = await verifySession({ form: "cookie", value: token }, new Date());
  return bearer.ok || cookie.ok;
}

test("the owner gets in", async () => {
  expect(await getsIn(await sign(key, claims(row.secret)))).toBe(true);
});

test("the dump holds no secret", () => {
  const text = JSON.stringify(dump, (_, value) =>
    Buffer.isBuffer(value) ? value.toString("base64url") : value,
  );
  expect(text).not.toContain(row.secret);
});

test("a dump and the public keys let nobody in", async () => {
  const header = { alg: key.alg, typ: "session+jwt", kid: key.kid };
  const own = await freshKey("ES256", key.kid);
  const spki = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
    type: "spki",
    format: "pem",
  });
  for (const secret of guesses()) {
    const attempts = [
      `${part({ ...header, alg: "none" })}.${part(claims(secret))}.`,
      `${part({ ...header, alg: "none" })}.${part(claims(secret))}.AA`,
      await sign(own, claims(secret)),
      forge(own, { ...header, jwk: publicKey }, claims(secret)),
      forgeMac(JSON.stringify(publicKey), { ...header, alg: "HS256" }, claims(secret)),
      forgeMac(String(spki), { ...header, alg: "HS256" }, claims(secret)),
      forgeMac(dump.secret_hash, { ...header, alg: "HS256" }, claims(secret)),
      await seal(await sign(own, claims(secret)), { cookiePassword: dump.secret_hash.toString("hex") }),
    ];
    for (const attempt of attempts) expect(await getsIn(attempt)).toBe(false);
  }
});

test("the private keys, and all ids, let nobody in", async () => {
  for (const secret of [freshSecret(), ...guesses().slice(3)]) {
    expect(await getsIn(await sign(key, claims(secret)))).toBe(false);
  }
});

test("a dump and the private keys together still lack the secret", async () => {
  for (const secret of guesses()) expect(await getsIn(await sign(key, claims(secret)))).toBe(false);
});

test("a stolen cookie password adds only an envelope", async () => {
  const { cookiePassword } = env();
  for (const secret of guesses()) {
    const value = await seal(await sign(await freshKey("ES256", key.kid), claims(secret)), {
      cookiePassword: String(cookiePassword),
    });
    expect(await getsIn(value)).toBe(false);
  }
});
