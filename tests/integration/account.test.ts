import { hash } from "@node-rs/argon2";
import { afterAll, describe, expect, test, vi } from "vitest";
import { changePassword } from "@/lib/account/password/change-password";
import { needsRehash } from "@/lib/account/password/password";
import { logIn } from "@/lib/account/sign-in/log-in";
import { signUp } from "@/lib/account/sign-in/sign-up";
import { LIFETIMES } from "@/lib/product";
import { findSession } from "@/lib/session/queries";
import { revokeAllSessions } from "@/lib/session/revoke";
import { verifySession } from "@/lib/session/verify";
import { ownDatabase } from "../support/database/database";
import { whileDeleting } from "../support/database/deleting";
import { freshAddress } from "../support/http/client";
import { actor, signIn } from "../support/people/actors";
import { addPerson, addSession, freshEmail, PASSWORD } from "../support/people/people";

// A spy, not a stand-in: every hash is real, and counted.
const counted = vi.hoisted(() => ({ hashes: 0 }));
vi.mock("@/lib/account/password/hashing", async (importOriginal) => {
  const real = await importOriginal<typeof import("@/lib/account/password/hashing")>();
  return {
    ...real,
    argon2Hash: (...given: Parameters<typeof real.argon2Hash>) => {
      counted.hashes += 1;
      return real.argon2Hash(...given);
    },
    argon2Verify: (...given: Parameters<typeof real.argon2Verify>) => {
      counted.hashes += 1;
      return real.argon2Verify(...given);
    },
  };
});

const db = ownDatabase();
afterAll(() => db.end());

const WRONG = "fourteen purple umbrellas";
const somewhere = () => actor(freshAddress());
const ask = async (token: string) => {
  const verdict = await verifySession({ form: "bearer", value: token }, new Date());
  return verdict.ok ? "ok" : verdict.reason;
};
const enter = (email: string, password = PASSWORD, overrides = {}) =>
  logIn({ email, password, ...signIn(overrides) }, somewhere());
const userRow = async (email: string) =>
  (await db.query("SELECT * FROM users WHERE email = $1", [email])).rows[0];

async function entered(email: string, password = PASSWORD, overrides = {}) {
  const result = await enter(email, password, overrides);
  if (!result.ok) throw new Error(`Not let in: ${result.code}`);
  return result;
}

/** How many statements this database has run, our own question excepted. */
async function statements(): Promise<number> {
  const { rows } = await db.query(
    `SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements
     WHERE query NOT LIKE '%pg_stat_statements%' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows[0].calls;
}

describe("signing up", () => {
  const up = (email: string, overrides: { password?: string; name?: string } = {}) =>
    signUp({ email, password: PASSWORD, name: "Ada", ...overrides, ...signIn() }, somewhere());

  test("makes an account in the one spelling of its address, and a session that works", async () => {
    const email = freshEmail();
    const result = await up(`  ${email.toUpperCase()} `);
    expect(result).toMatchObject({ ok: true, user: { email, name: "Ada" } });
    expect(result.ok && (await ask(result.token))).toBe("ok");
    expect((await userRow(email)).password_hash).toMatch(/^\$argon2id\$/);
    expect((await entered(email)).user.email).toBe(email);
  });

  test("makes no account where its session cannot be written, so that it can be tried again", async () => {
    const email = freshEmail();
    await db.query("ALTER TABLE sessions ADD CONSTRAINT no_more CHECK (false) NOT VALID");
    await expect(up(email)).rejects.toThrow(/no_more/);
    await db.query("ALTER TABLE sessions DROP CONSTRAINT no_more");
    expect(await userRow(email)).toBeUndefined();
    expect((await up(email)).ok).toBe(true);
  });

  test("keeps nothing of the secret but its hash", async () => {
    const email = freshEmail();
    const result = await up(email);
    if (!result.ok) throw new Error("Not signed up.");
    const [, payload = ""] = result.token.split(".");
    const { jti } = JSON.parse(Buffer.from(payload, "base64url").toString());
    const { rows } = await db.query(
      "SELECT to_jsonb(s)::text || to_jsonb(u)::text AS everything FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1",
      [email],
    );
    expect(rows[0].everything).not.toContain(jti);
    expect(rows[0].everything).not.toContain(PASSWORD);
  });

  test("with an address that is taken changes nothing", async () => {
    const person = await addPerson(db);
    const before = await userRow(person.email);
    const taken = { ok: false, code: "email_taken" };
    expect(await up(person.email, { password: WRONG, name: "Mallory" })).toMatchObject(taken);
    // The right password is no way around the login either, for a program.
    expect(await up(person.email)).toMatchObject(taken);
    expect(await userRow(person.email)).toEqual(before);
    const { rows } = await db.query("SELECT email FROM users WHERE email LIKE '%decoy%'");
    expect(rows).toEqual([]);
  });

  test("twice at once makes one account", async () => {
    const email = freshEmail();
    const results = await Promise.all([up(email), up(email), up(email)]);
    expect(results.filter((each) => each.ok)).toHaveLength(1);
    expect(results.filter((each) => !each.ok && each.code === "email_taken")).toHaveLength(2);
  });

  test("with a weak password is refused before anything is looked up", async () => {
    const before = counted.hashes;
    expect(await up(freshEmail(), { password: "short" })).toMatchObject({ ok: false, code: "weak_password" });
    expect(counted.hashes).toBe(before);
  });

  test("with an address that is taken gives a token that looks like any other and opens nothing", async () => {
    const real = await up(freshEmail());
    const taken = await up((await addPerson(db)).email);
    if (!real.ok || taken.ok || taken.code !== "email_taken") throw new Error("Not as expected.");
    expect(taken.decoy.token).toHaveLength(real.token.length);
    const claims = (token: string) =>
      JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    expect(Object.keys(claims(taken.decoy.token))).toEqual(Object.keys(claims(real.token)));
    expect(await ask(taken.decoy.token)).toBe("unknown");
    expect(await findSession(taken.decoy.session.id)).toBeNull();
  });

  test("costs the same, taken or not: one hash, as many statements, one commit", async () => {
    await db.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    const cost = async (email: string) => {
      const [hashes, calls] = [counted.hashes, await statements()];
      await up(email, { password: WRONG });
      return { hashes: counted.hashes - hashes, statements: (await statements()) - calls };
    };
    for (const email of [freshEmail(), (await addPerson(db)).email]) await cost(email);
    const fresh = await cost(freshEmail());
    expect(fresh).toEqual(await cost((await addPerson(db)).email));
    expect(fresh).toEqual(await cost((await addPerson(db, { disabled: true })).email));
    expect(fresh.hashes).toBe(1);
  });

  test("ends the session that the browser held, taken or not", async () => {
    for (const email of [freshEmail(), (await addPerson(db)).email]) {
      const held = await entered((await addPerson(db)).email, PASSWORD, { kind: "browser" });
      await signUp(
        { email, password: WRONG, name: "Ada", ...signIn({ kind: "browser", replaces: held.session.id }) },
        somewhere(),
      );
      expect(await ask(held.token)).toBe("ended");
      expect((await findSession(held.session.id))?.session.endedReason).toBe("replaced");
    }
  });

  test("with an address that is taken in another spelling makes no second account", async () => {
    const name = freshEmail().split("@")[0];
    for (const [one, other] of [
      ["bücher.example", "xn--bcher-kva.example"],
      ["xn--bcher-kva.example", "BÜCHER.example"],
    ]) {
      const email = `${one?.length}-${name}`;
      const first = await up(`${email}@${one}`);
      expect(first).toMatchObject({ ok: true, user: { email: `${email}@xn--bcher-kva.example` } });
      expect(await up(`${email}@${other}`)).toMatchObject({ code: "email_taken" });
      for (const domain of [one, other]) expect((await enter(`${email}@${domain}`)).ok).toBe(true);
    }
  });

  test("with the address of an older account in another spelling makes no second account", async () => {
    const name = freshEmail().split("@")[0];
    const old = await addPerson(db, { email: `${name}@bücher.example` });
    for (const domain of ["bücher.example", "xn--bcher-kva.example"]) {
      expect(await up(`${name}@${domain}`)).toMatchObject({ code: "email_taken" });
      expect((await entered(`${name}@${domain}`)).user.id).toBe(old.id);
    }
    for (const local of [`${name}γιώργος`, `${name}j\u030c`]) {
      const older = await addPerson(db, { email: `${local}@example.gr` });
      expect(await up(`${local}@example.gr`)).toMatchObject({ code: "email_taken" });
      expect((await entered(`${local}@example.gr`)).user.id).toBe(older.id);
    }
  });
});

describe("signing in", () => {
  test("works in any spelling of the address, and in one spelling of the password", async () => {
    const { email } = await addPerson(db);
    expect((await enter(` ${email.toUpperCase()}`)).ok).toBe(true);
    for (const password of [PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(0, -1), ""]) {
      expect(await enter(email, password)).toEqual({ ok: false, code: "invalid_credentials" });
    }
  });

  test("gives a new session every time", async () => {
    const { email } = await addPerson(db);
    const [first, second] = [await entered(email), await entered(email)];
    expect(first.session.id).not.toBe(second.session.id);
    expect(first.token).not.toBe(second.token);
    expect([await ask(first.token), await ask(second.token)]).toEqual(["ok", "ok"]);
  });

  test("takes the place of the session that the browser held", async () => {
    const { email } = await addPerson(db);
    const held = await entered(email, PASSWORD, { kind: "browser" });
    const next = await entered(email, PASSWORD, { kind: "browser", replaces: held.session.id });
    expect([await ask(held.token), await ask(next.token)]).toEqual(["ended", "ok"]);
    expect((await findSession(held.session.id))?.session.endedReason).toBe("replaced");
  });

  test("keeps the same limits in token and row", async () => {
    const { email } = await addPerson(db);
    for (const [keep, { absolute, idle }] of [
      [false, LIFETIMES.brief],
      [true, LIFETIMES.kept],
    ] as const) {
      const { token, session } = await entered(email, PASSWORD, { keep });
      const { iat, exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
      expect(exp - iat).toBe(absolute / 1_000);
      expect(session.expiresAt.getTime()).toBe(exp * 1_000);
      expect(session.idleSeconds).toBe(idle / 1_000);
    }
  });

  test("replaces a hash of yesterday's parameters, and only with the right password", async () => {
    const { email } = await addPerson(db);
    const old = await hash(PASSWORD, { memoryCost: 8 * 1024, timeCost: 1, parallelism: 1 });
    await db.query("UPDATE users SET password_hash = $1 WHERE email = $2", [old, email]);
    await enter(email, WRONG);
    expect((await userRow(email)).password_hash).toBe(old);
    const first = await entered(email);
    const { password_hash } = await userRow(email);
    expect(needsRehash(password_hash)).toBe(false);
    await entered(email);
    expect((await userRow(email)).password_hash).toBe(password_hash);
    expect(await ask(first.token)).toBe("ok");
  });
});

// Counted, since a clock would only sometimes tell.
describe("an unknown address, and a wrong password, also of a disabled account,", () => {
  const cases = async () => ({
    unknown: await enterAs(freshEmail(), PASSWORD),
    wrong: await enterAs((await addPerson(db)).email, WRONG),
    disabled: await enterAs((await addPerson(db, { disabled: true })).email, WRONG),
  });

  async function enterAs(email: string, password: string) {
    // Somebody else signs in first, so that connections and prepared statements are warm for all alike.
    await entered((await addPerson(db)).email);
    const [hashes, calls] = [counted.hashes, await statements()];
    const result = await enter(email, password);
    return { result, hashes: counted.hashes - hashes, statements: (await statements()) - calls };
  }

  test("get the same words for the same cost: one hash and as many statements", async () => {
    await db.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    await enter(freshEmail());
    const { unknown, ...others } = await cases();
    expect(unknown.result).toEqual({ ok: false, code: "invalid_credentials" });
    expect(unknown.hashes).toBe(1);
    expect(unknown.statements).toBeGreaterThan(3);
    for (const each of Object.values(others)) expect(each).toEqual(unknown);
  });

  test("leave an event each, with the account where there is one", async () => {
    const person = await addPerson(db);
    await enter(person.email, WRONG);
    const { rows } = await db.query("SELECT type, session_id FROM security_events WHERE user_id = $1", [
      person.id,
    ]);
    expect(rows).toEqual([{ type: "login_failed", session_id: null }]);
  });
});

describe("changing the password", () => {
  const NEXT = "nineteen yellow raincoats";
  const change = (session: Awaited<ReturnType<typeof entered>>, current = PASSWORD, next = NEXT) =>
    changePassword(
      { session: session.session, user: session.user, current, next, now: new Date() },
      somewhere(),
    );

  test("ASVS 7.4.3 ends every other session and renews this one: its old token is worth nothing", async () => {
    const { email } = await addPerson(db);
    const [mine, other] = [await entered(email), await entered(email)];
    const changed = await change(mine);
    if (!changed.ok) throw new Error(changed.code);
    expect(changed.ended).toBe(1);
    expect(await ask(changed.token)).toBe("ok");
    expect(await ask(mine.token)).toBe("unknown");
    expect(await ask(other.token)).toBe("ended");
    expect((await findSession(other.session.id))?.session.endedReason).toBe("password_changed");
    expect((await enter(email, PASSWORD)).ok).toBe(false);
    expect((await enter(email, NEXT)).ok).toBe(true);
  });

  test("never moves the absolute end of the session", async () => {
    const { email } = await addPerson(db);
    const mine = await entered(email);
    const changed = await change(mine);
    if (!changed.ok) throw new Error(changed.code);
    const { exp } = JSON.parse(Buffer.from(changed.token.split(".")[1] ?? "", "base64url").toString());
    expect(exp * 1_000).toBe(mine.session.expiresAt.getTime());
  });

  test("needs the current password, and counts wrong ones", async () => {
    const { email } = await addPerson(db);
    const mine = await entered(email);
    for (let guess = 0; guess < 5; guess += 1) {
      expect(await change(mine, WRONG)).toEqual({ ok: false, code: "wrong_password" });
    }
    expect(await change(mine)).toMatchObject({ ok: false, code: "rate_limited" });
    expect(await ask(mine.token)).toBe("ok");
  });

  test("is of the account that is signed in, and not of another one whose address is spelled like it", async () => {
    const name = freshEmail();
    // As they were stored once: one letter, and a letter with its accent apart.
    const victim = await addPerson(db, { email: `\u01f0${name}` });
    const attacker = await addPerson(db, { email: `j\u030c${name}` });
    await db.query("UPDATE users SET password_hash = $1 WHERE id = $2", [
      await hash("my own password, not theirs", { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 }),
      attacker.id,
    ]);
    const mine = await entered(`J\u030c${name}`, "my own password, not theirs");
    expect(mine.user.id).toBe(attacker.id);
    expect(await change(mine, PASSWORD)).toEqual({ ok: false, code: "wrong_password" });
    expect((await change(mine, "my own password, not theirs")).ok).toBe(true);
    expect((await entered(victim.email)).user.id).toBe(victim.id);
  });

  test("counts wrong ones over all sessions of the account", async () => {
    const { email } = await addPerson(db);
    const sessions = [await entered(email), await entered(email), await entered(email)];
    const codes: string[] = [];
    for (let guess = 0; guess < 15; guess += 1) {
      const session = sessions[guess % 3];
      const result = session && (await change(session, WRONG));
      if (result && !result.ok) codes.push(result.code);
    }
    expect(codes.filter((code) => code === "wrong_password")).toHaveLength(10);
  });

  test("leaves no device a known one", async () => {
    const { email, id } = await addPerson(db);
    const mine = await entered(email);
    expect(mine.deviceEpoch).toBe(0);
    expect((await change(mine)).ok).toBe(true);
    expect((await entered(email, NEXT)).deviceEpoch).toBe(1);
    expect((await db.query("SELECT device_epoch FROM users WHERE id = $1", [id])).rows).toEqual([
      { device_epoch: 1 },
    ]);
  });

  test("needs a good new one", async () => {
    const { email } = await addPerson(db);
    expect(await change(await entered(email), PASSWORD, "short")).toMatchObject({ code: "weak_password" });
  });

  test("is refused to a session that was ended meanwhile", async () => {
    const { email } = await addPerson(db);
    const mine = await entered(email);
    await revokeAllSessions(mine.session, { now: new Date(), actor: somewhere() });
    expect(await change(mine)).toEqual({ ok: false, code: "session_ended" });
    expect((await enter(email)).ok).toBe(true);
  });

  test("by two sessions at once has one winner", async () => {
    const { email } = await addPerson(db);
    const [one, two] = [await entered(email), await entered(email)];
    const results = await Promise.all([change(one), change(two, PASSWORD, "twenty violet windmills")]);
    expect(results.filter((each) => each.ok)).toHaveLength(1);
  });
});

describe("a login that races with", () => {
  const liveOf = async (id: string) =>
    (
      await db.query<{ id: string }>("SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL", [id])
    ).rows.map((row) => row.id);

  test("a change of the password never leaves a session of the old one alive", async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id, email } = await addPerson(db);
      const mine = await entered(email);
      const [changed, ...logins] = await Promise.all([
        changePassword(
          {
            session: mine.session,
            user: mine.user,
            current: PASSWORD,
            next: "nineteen yellow raincoats",
            now: new Date(),
          },
          somewhere(),
        ),
        enter(email),
        enter(email),
        enter(email),
      ]);
      expect(changed.ok).toBe(true);
      expect(await liveOf(id)).toEqual([mine.session.id]);
      for (const login of logins) if (login.ok) expect(await ask(login.token)).toBe("ended");
    }
  });

  test("the disabling of the account never leaves a session alive", async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id, email } = await addPerson(db);
      await Promise.all([
        enter(email),
        enter(email),
        db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [id]),
      ]);
      expect(await liveOf(id)).toEqual([]);
    }
  });

  test("an ending of all sessions is wholly before or wholly after it", async () => {
    for (let round = 0; round < 8; round += 1) {
      const person = await addPerson(db);
      const row = await addSession(db, person);
      const known = await findSession(row.id);
      if (!known) throw new Error("There is no session.");
      const [ended, login] = await Promise.all([
        revokeAllSessions(known.session, { now: new Date(), actor: somewhere() }),
        entered(person.email),
      ]);
      expect([1, 2]).toContain(ended);
      expect(await ask(login.token)).toBe(ended === 2 ? "ended" : "ok");
    }
  });
});

test.each([
  ["the right password", PASSWORD],
  ["a wrong password", WRONG],
])(
  "whose account is being deleted while %s is checked is not let in, and nothing breaks",
  async (_, password) => {
    const person = await addPerson(db);
    const result = await whileDeleting(db, "users", person.id, () => enter(person.email, password));
    expect(result).toEqual({ ok: false, code: "invalid_credentials" });
  },
);
