import { afterAll, describe, expect, test } from "vitest";
import { countGuess, countSignUp } from "@/lib/account/guessing";
import { logIn } from "@/lib/account/log-in";
import { actor, signIn } from "../support/actors";
import { freshAddress } from "../support/client";
import { ownDatabase } from "../support/database";
import { addPerson, addSession, freshEmail, PASSWORD } from "../support/people";

// Numbers as docs/security.md tells them: 5 wrong passwords, then 30 seconds, doubling to an hour, 100 in a day.

const db = ownDatabase();
afterAll(() => db.end());

type Who = Parameters<typeof countGuess>[0];
const somebody = (overrides: Partial<Who> = {}): Who => ({
  email: freshEmail(),
  address: freshAddress(),
  knownDevice: null,
  ...overrides,
});

/** Guesses wrong, from a new address each time. Gives the seconds to wait, or null when the guess was allowed. */
async function wrong(who: Who): Promise<number | null> {
  const guess = await countGuess({ ...who, address: freshAddress() });
  if (!guess.allowed) return guess.retryAfter;
  await guess.settle(async () => false);
  return null;
}

/** Lets the waits of guesses pass, without waiting: as if the clock had moved on. Waits in a day are not touched. */
async function timePasses(): Promise<void> {
  await db.query("DELETE FROM rate_limits WHERE key LIKE 'guesses:%'");
}

/** What the counter that was begun last has counted. */
async function pointsOf(kind: string): Promise<number> {
  const { rows } = await db.query(
    "SELECT points FROM rate_limits WHERE key LIKE $1 ORDER BY expire DESC LIMIT 1",
    [`${kind}:%`],
  );
  return rows[0].points;
}

async function row(who: Who): Promise<(number | null)[]> {
  const results: (number | null)[] = [];
  for (let guess = 0; guess < 6; guess += 1) results.push(await wrong(who));
  return results;
}

describe("wrong passwords for one account", () => {
  test("five are free, then the wait doubles from 30 seconds to an hour", async () => {
    const who = somebody();
    const waits = [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600];
    for (const wait of waits) {
      const results = await row(who);
      expect(results.slice(0, 5)).toEqual([null, null, null, null, null]);
      expect(results[5]).toBeLessThanOrEqual(wait);
      expect(results[5]).toBeGreaterThan(wait - 3);
      await timePasses();
    }
  });

  test("A50 a hundred in a day are the end of it", async () => {
    const who = somebody();
    for (let round = 0; round < 20; round += 1) {
      const results = await row(who);
      if (round < 19) await timePasses();
      else expect(results[5]).toBeGreaterThan(23 * 3_600);
    }
    expect(await wrong(who)).toBeGreaterThan(23 * 3_600);
  });

  test("do not touch another account", async () => {
    const who = somebody();
    await row(who);
    expect(await wrong(somebody())).toBeNull();
  });

  test("are forgotten after the right one", async () => {
    const who = somebody();
    for (let guess = 0; guess < 4; guess += 1) await wrong(who);
    const guess = await countGuess(who);
    if (!guess.allowed) throw new Error("Not allowed.");
    await guess.settle(async () => true);
    expect((await row(who)).slice(0, 5)).toEqual([null, null, null, null, null]);
  });

  test("do not count where the password could not be checked: neither for the account nor for the address", async () => {
    const who = somebody();
    const away = new Error("Too many passwords are being checked.");
    for (let guess = 0; guess < 4; guess += 1) await wrong(who);
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const guess = await countGuess(who);
      if (!guess.allowed) throw new Error("Not allowed.");
      await expect(
        guess.settle(() => {
          throw away;
        }),
      ).rejects.toBe(away);
    }
    expect(await pointsOf("address")).toBe(0);
    expect(await wrong(who)).toBeNull();
    expect(await wrong(who)).toBeGreaterThan(27);
  });

  test("are counted under a hash: no address of a person stands in the table", async () => {
    const who = somebody();
    await wrong(who);
    const { rows } = await db.query<{ key: string }>("SELECT key FROM rate_limits");
    expect(rows.length).toBeGreaterThan(0);
    for (const { key } of rows) {
      expect(key).not.toContain(who.email);
      expect(key).not.toMatch(/\d+\.\d+\.\d+\.\d+|@/);
    }
  });
});

describe("A52 while somebody else guesses", () => {
  test("a known device still has its own five", async () => {
    const { email } = somebody();
    await row(somebody({ email }));
    expect(await wrong(somebody({ email }))).not.toBeNull();
    const device = somebody({ email, knownDevice: "device:1" });
    expect((await row(device)).slice(0, 5)).toEqual([null, null, null, null, null]);
    expect(await wrong(somebody({ email, knownDevice: "device:2" }))).toBeNull();
  });

  test("the owner logs in from where they have logged in before", async () => {
    const person = await addPerson(db);
    const home = freshAddress();
    await addSession(db, person, { ip: home, startedAgo: 600, endedAgo: 60 });
    const attempt = (ip: string, password: string, device = null as { id: string; userId: string } | null) =>
      logIn({ email: person.email, password, ...signIn({ device }) }, actor(ip));
    for (let guess = 0; guess < 8; guess += 1) await attempt(freshAddress(), "fourteen purple umbrellas");
    expect(await attempt(freshAddress(), PASSWORD)).toMatchObject({ ok: false, code: "rate_limited" });
    expect((await attempt(home, PASSWORD)).ok).toBe(true);
    expect((await attempt(freshAddress(), PASSWORD, { id: "d", userId: person.id })).ok).toBe(true);
    // The cookie of another account is worth nothing here.
    const { id } = await addPerson(db);
    expect(await attempt(freshAddress(), PASSWORD, { id: "d", userId: id })).toMatchObject({
      code: "rate_limited",
    });
  });
});

describe("from one address", () => {
  test("A51 five hundred wrong passwords over many accounts are the end of it", async () => {
    const address = freshAddress();
    const results: boolean[] = [];
    for (let batch = 0; batch < 51; batch += 1) {
      const guesses = await Promise.all(Array.from({ length: 10 }, () => countGuess(somebody({ address }))));
      results.push(...guesses.map((guess) => guess.allowed));
    }
    expect(results.filter(Boolean)).toHaveLength(500);
    const guess = await countGuess(somebody({ address }));
    expect(guess).toMatchObject({ allowed: false });
    expect(!guess.allowed && guess.retryAfter).toBeLessThanOrEqual(900);
  });

  test("all addresses of one IPv6 network count together, and those of the next one do not", async () => {
    const block = `2001:db8:${Date.now().toString(16).slice(-4)}`;
    const from = (end: string) => countGuess(somebody({ address: `${block}:${end}` }));
    for (const end of ["1::1", "1::2", "1:2:3:4:5"]) await from(end);
    expect(await pointsOf("address")).toBe(3);
    await from("2::1");
    expect(await pointsOf("address")).toBe(1);
  });

  test("right ones do not count", async () => {
    const address = freshAddress();
    for (let login = 0; login < 20; login += 1) {
      const guess = await countGuess(somebody({ address }));
      if (!guess.allowed) throw new Error("Not allowed.");
      await guess.settle(async () => true);
    }
    expect(await pointsOf("address")).toBe(0);
  });

  test("what was refused for its account does not count for the address", async () => {
    const [who, address] = [somebody(), freshAddress()];
    await row(who);
    for (let guess = 0; guess < 20; guess += 1) await countGuess({ ...who, address });
    expect(await pointsOf("address")).toBe(0);
  });

  test("sign-ups are limited too", async () => {
    const address = freshAddress();
    expect(await countSignUp(address)).toBeNull();
    await db.query("UPDATE rate_limits SET points = 1000 WHERE key LIKE 'sign-ups:%'");
    expect(await countSignUp(address)).toBeGreaterThan(0);
    expect(await countSignUp(freshAddress())).toBeNull();
  });
});

test("A56 fifty guesses at once over two instances are counted exactly", async () => {
  const holder = globalThis as { latchkeyLimits?: unknown };
  for (let round = 0; round < 5; round += 1) {
    const who = somebody();
    const half = () => Array.from({ length: 25 }, () => countGuess({ ...who, address: freshAddress() }));
    const first = half();
    // From here on another set of limiters, as in another process.
    delete holder.latchkeyLimits;
    const guesses = await Promise.all([...first, ...half()]);
    expect(guesses.filter((guess) => guess.allowed)).toHaveLength(5);
  }
});
