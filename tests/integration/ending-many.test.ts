import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { changePassword } from "@/lib/account/password/change-password";
import { passwordProof, startSession } from "@/lib/account/sign-in/start-session";
import { AT_ONCE, findSession } from "@/lib/session/queries";
import { revokeAllSessions, revokeOtherSessions } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import { ownDatabase } from "../support/database/database";
import { actor, signIn } from "../support/people/actors";
import {
  accountOf,
  addPerson,
  addSession,
  addSessions,
  type Person,
  type Row,
} from "../support/people/people";

// Endings of more sessions than one statement may take on. docs/decisions/0011-ending-many.md says what must hold.

/** Above what one statement was able to end within its time-out, 10,000 to 14,000. */
const MANY = 16_000;
const LONG = 120_000;

const db = ownDatabase();
afterAll(() => db.end());

const ACTOR = actor("192.0.2.7");
const context = () => ({ now: new Date(), actor: ACTOR });
const NEXT = "eighteen purple lanterns";

let person: Person;
let mine: Row;
beforeEach(async () => {
  await db.query("TRUNCATE users, sessions, security_events, rate_limits CASCADE");
  person = await addPerson(db);
  mine = await addSession(db, person);
});

async function sessionOf({ id }: Row): Promise<Session> {
  const known = await findSession(id);
  if (!known) throw new Error("There is no such session.");
  return known.session;
}

async function count(where: string): Promise<number> {
  const { rows } = await db.query(`SELECT count(*)::int AS count FROM sessions WHERE ${where}`);
  return rows[0].count;
}

const live = () => count("ended_at IS NULL");
const passwordHash = async () =>
  (await db.query("SELECT password_hash FROM users WHERE id = $1", [person.id])).rows[0].password_hash;
const change = async (session: Session) =>
  changePassword({ session, user: person, current: person.password, next: NEXT, now: new Date() }, ACTOR);

/** Updates of the session fail, as when the database goes away just then, until it is mended. */
async function breakAt(id: string): Promise<() => Promise<void>> {
  await db.query(`
    CREATE OR REPLACE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'terminating connection' USING ERRCODE = '57P01'; END $$;
    CREATE TRIGGER go_away BEFORE UPDATE ON sessions FOR EACH ROW WHEN (OLD.id = '${id}') EXECUTE FUNCTION go_away();`);
  return async () => void (await db.query("DROP TRIGGER go_away ON sessions"));
}

/** Ends the caller's session with the commit of the transaction that ends another one. Returns the way back. */
async function endCallerAfter(id: string): Promise<() => Promise<void>> {
  await db.query(`
    CREATE OR REPLACE FUNCTION end_caller() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = '${mine.id}'; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER end_caller AFTER UPDATE ON sessions DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (OLD.id = '${id}') EXECUTE FUNCTION end_caller();`);
  return async () => void (await db.query("DROP TRIGGER end_caller ON sessions"));
}

/** The session that ends after all others: the one that began first. */
async function lastToEnd(): Promise<string> {
  const { rows } = await db.query("SELECT id FROM sessions WHERE id <> $1 ORDER BY id LIMIT 1", [mine.id]);
  return rows[0].id;
}

describe("with more live sessions than one statement can end", () => {
  let stranger: Row;
  beforeEach(async () => {
    stranger = await addSession(db, await addPerson(db));
    await addSessions(db, person, MANY);
  });
  const untouched = () => count(`ended_at IS NULL AND id IN ('${mine.id}', '${stranger.id}')`);

  test("signing out all other devices ends every one of them, with an event each", {
    timeout: LONG,
  }, async () => {
    expect(await revokeOtherSessions(await sessionOf(mine), context())).toBe(MANY);
    expect(await live()).toBe(2);
    expect(await untouched()).toBe(2);
    expect(await count(`ended_reason = 'logout_others' AND ended_by_id = '${mine.id}'`)).toBe(MANY);
    const { rows } = await db.query(
      "SELECT count(DISTINCT session_id)::int AS count FROM security_events WHERE detail = $1",
      [{ reason: "logout_others", by: mine.id }],
    );
    expect(rows[0].count).toBe(MANY);
  });

  test("signing out everywhere ends every one of them and the caller", { timeout: LONG }, async () => {
    expect(await revokeAllSessions(await sessionOf(mine), context())).toBe(MANY + 1);
    expect(await live()).toBe(1);
    expect(await count("ended_reason = 'logout_all'")).toBe(MANY + 1);
  });

  test("a change of password ends every one of them", { timeout: LONG }, async () => {
    const before = await passwordHash();
    expect(await change(await sessionOf(mine))).toMatchObject({ ok: true, ended: MANY });
    expect(await untouched()).toBe(2);
    expect(await count("ended_reason = 'password_changed'")).toBe(MANY);
    expect(await passwordHash()).not.toBe(before);
  });

  test("an account that is disabled by hand loses every one of them in that statement", {
    timeout: LONG,
  }, async () => {
    await db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [person.id]);
    expect(await count("ended_reason = 'account_disabled'")).toBe(MANY + 1);
  });
});

describe("an ending of several transactions", () => {
  const company = AT_ONCE + 200;

  test("that is cut off in the middle fails, and repeating it ends the rest", async () => {
    await addSessions(db, person, company);
    const mend = await breakAt(await lastToEnd());
    const caller = await sessionOf(mine);
    await expect(revokeOtherSessions(caller, context())).rejects.toThrow();
    expect(await live()).toBe(1 + company - AT_ONCE);
    await mend();
    expect(await revokeOtherSessions(caller, context())).toBe(company - AT_ONCE);
    expect(await live()).toBe(1);
  });

  test("of all sessions leaves the caller to repeat it when it is cut off", async () => {
    await addSessions(db, person, company);
    const mend = await breakAt(await lastToEnd());
    const caller = await sessionOf(mine);
    await expect(revokeAllSessions(caller, context())).rejects.toThrow();
    expect((await sessionOf(mine)).endedAt).toBeNull();
    await mend();
    expect(await revokeAllSessions(caller, context())).toBe(company - AT_ONCE + 1);
    expect(await live()).toBe(0);
  });

  test("by a change of password changes nothing but that when it is cut off, and can be repeated", async () => {
    await addSessions(db, person, company);
    const mend = await breakAt(await lastToEnd());
    const [caller, before] = [await sessionOf(mine), await passwordHash()];
    await expect(change(caller)).rejects.toThrow();
    expect(await passwordHash()).toBe(before);
    expect(await sessionOf(mine)).toEqual(caller);
    await mend();
    expect(await change(caller)).toMatchObject({ ok: true, ended: company - AT_ONCE });
    expect(await live()).toBe(1);
  });

  test("stops when its caller is ended in between, and says so", async () => {
    await addSessions(db, person, company);
    const newest = await db.query("SELECT id FROM sessions WHERE id <> $1 ORDER BY id DESC LIMIT 1", [
      mine.id,
    ]);
    const mend = await endCallerAfter(newest.rows[0].id);
    const ending = revokeOtherSessions(await sessionOf(mine), context());
    expect(await ending).toBeNull();
    expect(await live()).toBe(company - AT_ONCE);
    await mend();
  });

  test("by two devices at once leaves exactly one of the two, and tells the other that it has ended", async () => {
    for (let round = 0; round < 4; round += 1) {
      await db.query("TRUNCATE sessions, security_events CASCADE");
      const one = await addSession(db, person);
      await addSessions(db, person, 2 * AT_ONCE);
      const two = await addSession(db, person);
      const callers = [await sessionOf(one), await sessionOf(two)];
      const results = await Promise.all(callers.map((each) => revokeOtherSessions(each, context())));
      expect(results.filter((result) => result === null)).toHaveLength(1);
      expect(await live()).toBe(1);
      expect(await count(`ended_at IS NULL AND id IN ('${one.id}', '${two.id}')`)).toBe(1);
    }
  });

  test("of a password change also ends who signs in with the old password meanwhile", async () => {
    await addSessions(db, person, company);
    const changing = change(await sessionOf(mine));
    const proof = passwordProof(await accountOf(person), await passwordHash());
    const signInUntilRefused = async () => {
      let count = 0;
      while (await startSession(proof, signIn(), ACTOR)) count += 1;
      return count;
    };
    expect(await signInUntilRefused()).toBeGreaterThan(0);
    expect(await changing).toMatchObject({ ok: true });
    expect(await live()).toBe(1);
  });
});
