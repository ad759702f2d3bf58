import { decodeJwt } from "jose";
import { afterAll, describe, expect, test } from "vitest";
import { env } from "@/lib/env";
import { flushTouches, touchSession } from "@/lib/session/touch";
import type { Verdict } from "@/lib/session/verify";
import { verifySession } from "@/lib/session/verify";
import { ownDatabase } from "../support/database/database";
import { respellingsOf, twinOf } from "../support/http/forge";
import { addPerson, addSession, type Person, type Row, type SessionFacts } from "../support/people/people";
import type { PrivateKey } from "../support/people/secrets";
import { type Claims, claimsOf, freshSecret, seal, sign } from "../support/people/tokens";

// The gate, on a real database: what makes a session alive, and what does not.

const db = ownDatabase();
afterAll(() => db.end());

const { publicOrigin, cookiePassword } = env();
const key = JSON.parse(process.env.TOKEN_KEYS ?? "").keys[0] as PrivateKey;

const claims = ({ id, userId, secret }: Row): Claims =>
  claimsOf(publicOrigin, { userId, sessionId: id, secret });
const tokenOf = (row: Row, overrides: Claims = {}) => sign(key, { ...claims(row), ...overrides });
const ask = (value: string, now = new Date()) => verifySession({ form: "bearer", value }, now);
const reasonOf = (verdict: Verdict) => (verdict.ok ? "ok" : verdict.reason);

async function somebody(facts: SessionFacts = {}): Promise<{ person: Person; row: Row; token: string }> {
  const person = await addPerson(db);
  const row = await addSession(db, person, facts);
  return { person, row, token: await tokenOf(row) };
}

describe("a live session", () => {
  test("is admitted by its token and by its cookie", async () => {
    const { person, row, token } = await somebody();
    expect(await ask(token)).toMatchObject({
      ok: true,
      session: { id: row.id },
      user: { id: person.id, email: person.email, disabled: false },
      claims: decodeJwt(token),
    });
    const value = await seal(token, { cookiePassword: String(cookiePassword) });
    expect(reasonOf(await verifySession({ form: "cookie", value }, new Date()))).toBe("ok");
  });

  test("is not admitted by a token in a cookie without its seal, nor by a seal as a token", async () => {
    const { token } = await somebody();
    const value = await seal(token, { cookiePassword: String(cookiePassword) });
    expect(reasonOf(await verifySession({ form: "cookie", value: token }, new Date()))).toBe("malformed");
    expect(reasonOf(await ask(value))).toBe("malformed");
  });

  test("nothing at all is missing", async () => {
    expect(await verifySession(null, new Date())).toEqual({ ok: false, reason: "missing" });
  });
});

describe("no oracle: all of these are simply unknown", () => {
  test.each<[string, (row: Row) => Promise<string>]>([
    ["a session that is not there", (row) => tokenOf(row, { sid: crypto.randomUUID() })],
    ["another secret", (row) => tokenOf(row, { jti: freshSecret() })],
    ["another user", (row) => tokenOf(row, { sub: crypto.randomUUID() })],
    ["another user who is there", async (row) => tokenOf(row, { sub: (await addPerson(db)).id })],
    [
      "the secret of another session of the same user",
      async (row) => tokenOf(row, { jti: (await addSession(db, { id: row.userId })).secret }),
    ],
  ])("%s", async (_, make) => {
    const { row } = await somebody();
    expect(await ask(await make(row))).toEqual({ ok: false, reason: "unknown" });
  });

  test("a wrong secret does not even learn that a session has ended", async () => {
    const { row } = await somebody({ startedAgo: 600, endedAgo: 60 });
    expect(reasonOf(await ask(await tokenOf(row, { jti: freshSecret() })))).toBe("unknown");
  });

  test("somebody who was deleted, even if another one takes the address", async () => {
    const { person, token } = await somebody();
    await db.query("DELETE FROM users WHERE id = $1", [person.id]);
    const successor = await addPerson(db, { email: person.email });
    expect(successor.id).not.toBe(person.id);
    expect(reasonOf(await ask(token))).toBe("unknown");
  });
});

describe("a session that has ended", () => {
  test("is told so, in every spelling of its token", async () => {
    const { row, token } = await somebody();
    await db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'logout' WHERE id = $1", [row.id]);
    for (const spelling of [token, twinOf(token), ...respellingsOf(token)]) {
      expect(reasonOf(await ask(spelling))).toBe("ended");
    }
  });

  test("does not come back when a clock is set back", async () => {
    const { row, token } = await somebody();
    await db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'logout' WHERE id = $1", [row.id]);
    expect(reasonOf(await ask(token, new Date(Date.now() - 30_000)))).toBe("ended");
  });

  test("because its account was disabled is told that", async () => {
    const { person, token } = await somebody();
    await db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [person.id]);
    expect(reasonOf(await ask(token))).toBe("disabled");
    // Enabled again, the account may sign in; what was ended stays ended.
    await db.query("UPDATE users SET disabled_at = NULL WHERE id = $1", [person.id]);
    expect(reasonOf(await ask(token))).toBe("disabled");
  });
});

describe("the two limits of a session", () => {
  const reasonInRow = async ({ id }: Row) =>
    (await db.query("SELECT ended_reason FROM sessions WHERE id = $1", [id])).rows[0].ended_reason;

  test("unused for the idle time, it ends; a moment earlier it does not", async () => {
    const { row, token } = await somebody({ startedAgo: 1_000, seenAgo: 500, idleSeconds: 600 });
    const { last_seen_at } = (await db.query("SELECT last_seen_at FROM sessions WHERE id = $1", [row.id]))
      .rows[0];
    const end = new Date(last_seen_at.getTime() + 600_000);
    const other = await somebody({ startedAgo: 1_000, seenAgo: 500, idleSeconds: 600 });
    expect(reasonOf(await ask(token, new Date(end.getTime() - 1)))).toBe("ok");

    expect(reasonOf(await ask(other.token, new Date(end.getTime() + 5_000)))).toBe("ended");
    expect(await reasonInRow(other.row)).toBe("idle");
  });

  test("at its absolute end it ends, however much it was used", async () => {
    const { row, token } = await somebody({ startedAgo: 100, seenAgo: 0, endsIn: 100 });
    const { expires_at } = (await db.query("SELECT expires_at FROM sessions WHERE id = $1", [row.id]))
      .rows[0];
    expect(reasonOf(await ask(token, new Date(expires_at.getTime() - 1)))).toBe("ok");
    expect(reasonOf(await ask(token, expires_at))).toBe("ended");
    expect(await reasonInRow(row)).toBe("expired");
  });

  test("use moves the idle end and never the absolute one", async () => {
    const { row, token } = await somebody({ startedAgo: 1_000, seenAgo: 500, idleSeconds: 600 });
    const before = (await db.query("SELECT expires_at FROM sessions WHERE id = $1", [row.id])).rows[0];
    const now = new Date();
    const verdict = await ask(token, now);
    if (!verdict.ok) throw new Error(verdict.reason);
    touchSession(verdict.session, now);
    await flushTouches();
    const after = (await db.query("SELECT expires_at, last_seen_at FROM sessions WHERE id = $1", [row.id]))
      .rows[0];
    expect(after.last_seen_at).toEqual(now);
    expect(after.expires_at).toEqual(before.expires_at);
    expect(reasonOf(await ask(token, new Date(now.getTime() + 599_000)))).toBe("ok");
  });

  test("a token that has expired is told so without a look at the database", async () => {
    const { row } = await somebody();
    const now = Date.now();
    const old = claimsOf(
      publicOrigin,
      { userId: row.userId, sessionId: row.id, secret: row.secret },
      new Date(now - 90_000_000),
    );
    expect(await ask(await sign(key, old))).toEqual({ ok: false, reason: "expired" });
  });
});

// What a client sends never reaches the database unless it was signed by us.
test("whatever is sent, the answer is a reason and never an error", async () => {
  const odd = [
    "",
    " ",
    ".",
    "..",
    "a.b.c",
    "\0",
    "é",
    "x".repeat(100_000),
    "' OR 1=1 --",
    "Bearer x",
    "null",
    "{}",
  ];
  for (const value of odd) {
    for (const form of ["bearer", "cookie"] as const) {
      expect(reasonOf(await verifySession({ form, value }, new Date()))).toBe("malformed");
    }
  }
});
