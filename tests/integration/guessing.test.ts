import { afterAll, describe, expect, test } from "vitest";
import { type Attempt, attempt, liftLock } from "@/lib/account/limit/rate-limit";
import { logIn } from "@/lib/account/sign-in/log-in";
import { signUp } from "@/lib/account/sign-in/sign-up";
import { DAYS, HOURS, MINUTES, SECONDS } from "@/lib/time";
import { ownDatabase } from "../support/database/database";
import { freshAddress } from "../support/http/client";
import { actor, signIn } from "../support/people/actors";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";

// Numbers as docs/security.md tells them. Time passes by telling a later one.

const db = ownDatabase();
afterAll(() => db.end());

const START = Date.now();
const WRONG = "fourteen purple umbrellas";
const somebody = (overrides: Partial<Attempt> = {}): Attempt => ({
  purpose: "log-in",
  email: freshEmail(),
  address: freshAddress(),
  known: null,
  now: new Date(START),
  ...overrides,
});
const device = (deviceId: string, userId = "00000000-0000-7000-8000-000000000001") => ({ userId, deviceId });

/** Gives a password. Gives the seconds to wait, or null when it was looked at. */
async function give(by: Attempt, isRight: boolean): Promise<number | null> {
  const result = await attempt(by, async () => isRight);
  return "retryAfter" in result ? result.retryAfter : null;
}
const wrong = (by: Attempt) => give(by, false);
const right = (by: Attempt) => give(by, true);

async function times<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index += 1) results.push(await work(index));
  return results;
}

const NOTHING = [null, null, null, null, null];

describe("wrong passwords for one account from one network", () => {
  test("five are free, then the wait doubles from 30 seconds to an hour", async () => {
    const by = somebody();
    let now = START;
    for (const wait of [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]) {
      const results = await times(6, () => wrong({ ...by, now: new Date(now) }));
      expect(results).toEqual([...NOTHING, wait]);
      expect(await wrong({ ...by, now: new Date(now + (wait - 1) * SECONDS) })).toBe(1);
      now += wait * SECONDS;
    }
  });

  test("count wherever in the network they come from, and not in the next one", async () => {
    const by = somebody();
    await times(5, (n) => wrong({ ...by, address: `203.0.113.${n}` }));
    expect(await wrong({ ...by, address: "203.0.113.77" })).toBe(30);
    expect(await wrong({ ...by, address: "203.0.114.77" })).toBeNull();
    const six = somebody();
    await times(5, (n) => wrong({ ...six, address: `2001:db8:7:${n}00::1` }));
    expect(await wrong({ ...six, address: "2001:db8:7:ffff::2" })).toBe(30);
    expect(await wrong({ ...six, address: "2001:db8:8::1" })).toBeNull();
  });

  test("do not touch another account", async () => {
    const by = somebody();
    await times(6, () => wrong(by));
    expect(await wrong({ ...by, email: freshEmail() })).toBeNull();
  });

  test("count although the right one is given between them: somebody else may have given it", async () => {
    const by = somebody();
    await times(4, () => wrong(by));
    expect(await right(by)).toBeNull();
    expect(await wrong(by)).toBeNull();
    expect(await wrong(by)).toBe(30);
  });

  test("do not count where the password could not be checked", async () => {
    const by = somebody();
    const away = new Error("The database is away.");
    await times(4, () => wrong(by));
    await times(6, () =>
      expect(
        attempt(by, () => {
          throw away;
        }),
      ).rejects.toBe(away),
    );
    expect(await wrong(by)).toBeNull();
    expect(await wrong(by)).toBe(30);
    const { rows } = await db.query(
      "SELECT max(points) AS points FROM rate_limits WHERE key LIKE 'guesses-by-network:%'",
    );
    expect(rows[0].points).toBeLessThan(50);
  });

  test("are counted under a hash, and no counter is without an end", async () => {
    const by = somebody();
    await wrong(by);
    const { rows } = await db.query<{ key: string; expire: string | null }>(
      "SELECT key, expire FROM rate_limits",
    );
    expect(rows.length).toBeGreaterThan(2);
    for (const { key, expire } of rows) {
      expect(key).not.toContain(by.email);
      expect(key).not.toMatch(/\d+\.\d+\.\d+|@/);
      expect(Number(expire)).toBeGreaterThan(START);
    }
  });
});

describe("wrong passwords for one account from everywhere", () => {
  const fromAnywhere = (by: Attempt) => wrong({ ...by, address: freshAddress() });

  test("a hundred stop strangers for a day", async () => {
    const by = somebody();
    expect((await times(100, () => fromAnywhere(by))).every((wait) => wait === null)).toBe(true);
    expect(await fromAnywhere(by)).toBe(86_400);
    expect(await right({ ...by, address: freshAddress() })).toBe(86_400);
    expect(await fromAnywhere({ ...by, now: new Date(START + DAYS + 1) })).toBeNull();
  });

  test("four every quarter of an hour for two days, from one network, are not 768 but a hundred in a day", async () => {
    const by = somebody();
    const looked: number[] = [];
    for (let quarter = 0; quarter < 192; quarter += 1) {
      const now = new Date(START + quarter * 15 * MINUTES);
      const waits = await times(4, () => wrong({ ...by, now }));
      for (const wait of waits) if (wait === null) looked.push(quarter);
    }
    // After the hundredth nothing is looked at for a day.
    expect((looked[100] ?? 192) - (looked[99] ?? 0)).toBeGreaterThanOrEqual(96);
    expect(looked.length).toBeLessThan(175);
  });

  test("a few a day from ever new networks are stopped, too", async () => {
    const by = somebody();
    const waits = await times(120, (n) => fromAnywhere({ ...by, now: new Date(START + n * 6 * HOURS) }));
    expect(waits.findIndex((wait) => wait !== null)).toBe(100);
  });

  test("never stop a known device, whose right password starts the count again", async () => {
    const by = somebody();
    await times(100, () => fromAnywhere(by));
    const home = { ...by, known: device("laptop") };
    expect(await wrong(home)).toBeNull();
    expect(await right(home)).toBeNull();
    expect(await fromAnywhere(by)).toBeNull();
  });

  test("start again with the right password of a stranger", async () => {
    const by = somebody();
    await times(99, () => fromAnywhere(by));
    expect(await right({ ...by, address: freshAddress() })).toBeNull();
    expect((await times(100, () => fromAnywhere(by))).every((wait) => wait === null)).toBe(true);
    expect(await fromAnywhere(by)).toBe(86_400);
  });

  test("are forgotten when the lock is lifted", async () => {
    const by = somebody();
    await times(100, () => fromAnywhere(by));
    await liftLock({ email: by.email, userId: device("").userId, address: null });
    expect(await fromAnywhere(by)).toBeNull();
  });
});

describe("known devices", () => {
  const userId = (n: number) => `00000000-0000-7000-8000-0000000001${n}0`;

  test("have five of their own while somebody else guesses in the same network", async () => {
    const by = somebody();
    await times(6, () => wrong(by));
    const results = await times(6, () => wrong({ ...by, known: device("a", userId(1)) }));
    expect(results).toEqual([...NOTHING, 30]);
    expect(await wrong({ ...by, known: device("b", userId(1)) })).toBeNull();
  });

  test("have ten together, however many there are", async () => {
    const by = somebody();
    const results = await times(25, (n) => wrong({ ...by, known: device(`seal ${n % 5}`, userId(2)) }));
    expect(results.filter((wait) => wait === null)).toHaveLength(10);
  });

  test("move nothing that a stranger sees", async () => {
    const by = somebody();
    await times(4, () => wrong(by));
    await times(3, () => wrong({ ...by, known: device("a", userId(3)) }));
    await right({ ...by, known: device("a", userId(3)) });
    expect([await wrong(by), await wrong(by)]).toEqual([null, 30]);
  });

  test("are stopped by a hundred wrong ones of their own, given slowly", async () => {
    const by = somebody({ known: device("a", userId(4)) });
    const waits: (number | null)[] = [];
    for (let hour = 0; hour < 130; hour += 1)
      waits.push(await wrong({ ...by, now: new Date(START + hour * 2 * HOURS) }));
    expect(waits.filter((wait) => wait === null).length).toBeLessThan(125);
    expect(waits[100]).toBe(86_400 - 7_200);
  });

  test("the owner signs in with the seal of their device, and nobody with another's or an older one", async () => {
    const person = await addPerson(db);
    const enter = (seal: { id: string; userId: string; epoch: number } | null, ip = freshAddress()) =>
      logIn({ email: person.email, password: PASSWORD, ...signIn({ device: seal }) }, actor(ip));
    const address = freshAddress();
    await times(5, () => logIn({ email: person.email, password: WRONG, ...signIn() }, actor(address)));
    expect(await enter(null, address)).toMatchObject({ code: "rate_limited" });
    expect(await enter({ id: "d", userId: person.id, epoch: 0 }, address)).toMatchObject({ ok: true });
    expect(await enter({ id: "d", userId: (await addPerson(db)).id, epoch: 0 }, address)).toMatchObject({
      code: "rate_limited",
    });
    await db.query("UPDATE users SET device_epoch = device_epoch + 1 WHERE id = $1", [person.id]);
    expect(await enter({ id: "d", userId: person.id, epoch: 0 }, address)).toMatchObject({
      code: "rate_limited",
    });
    expect(await enter({ id: "d", userId: person.id, epoch: 1 }, address)).toMatchObject({ ok: true });
  });
});

describe("no answer tells whether there is an account, where it is used, or by whom", () => {
  /** Wrong passwords from one network or two, between them what the owner does. Gives the answers to the wrong ones. */
  async function watch(email: string, networks: string[], owner: (n: number) => Promise<unknown>) {
    return times(14, async (n) => {
      await owner(n);
      const ip = networks[n % networks.length] ?? "";
      const result = await logIn({ email, password: WRONG, ...signIn() }, actor(ip));
      return result.ok ? "in" : result.code;
    });
  }
  const network = () => freshAddress();

  test.each([
    ["one network", 1],
    ["two networks", 2],
  ])("from %s", async (_, count) => {
    const networks = () => Array.from({ length: count }, network);
    const nobody = await watch(freshEmail(), networks(), async () => {});
    expect(nobody).toContain("rate_limited");

    const cases: [string, (email: string, at: string[]) => Promise<unknown>][] = [
      ["signs in elsewhere", (email) => logIn({ email, password: PASSWORD, ...signIn() }, actor(network()))],
      ["signs in here", (email, at) => logIn({ email, password: PASSWORD, ...signIn() }, actor(at[0] ?? ""))],
    ];
    const quiet = await addPerson(db);
    expect(await watch(quiet.email, networks(), async () => {})).toEqual(nobody);
    const disabled = await addPerson(db, { disabled: true });
    expect(await watch(disabled.email, networks(), async () => {})).toEqual(nobody);
    for (const [what, act] of cases) {
      const at = networks();
      const { email, id } = await addPerson(db);
      expect(await watch(email, at, () => act(email, at)), what).toEqual(nobody);
      // Known here from before, and with a device that is used meanwhile.
      const seal = { id: "d", userId: id, epoch: 0 };
      const again = networks();
      await act(email, again);
      const used = () =>
        logIn({ email, password: PASSWORD, ...signIn({ device: seal }) }, actor(again[0] ?? ""));
      expect(await watch(email, again, used), `${what}, known before`).toEqual(nobody);
    }
  });
});

describe("right passwords", () => {
  test("are a hundred for an account in a quarter of an hour, from wherever, also by known devices", async () => {
    const by = somebody();
    const each = (n: number) => ({
      ...by,
      address: freshAddress(),
      known: n % 2 ? device(`d${n}`, "00000000-0000-7000-8000-000000000200") : null,
    });
    expect((await times(100, (n) => right(each(n)))).every((wait) => wait === null)).toBe(true);
    expect(await right(each(100))).toBe(900);
    expect(await right(each(101))).toBe(900);
    // People who do not know the password see nothing of it.
    expect(await wrong(each(102))).toBeNull();
    expect(await right({ ...each(103), now: new Date(START + 15 * MINUTES + 1) })).toBeNull();
  });

  test("are counted for step-up, too", async () => {
    const known = device("d", "00000000-0000-7000-8000-000000000201");
    const by = somebody({ purpose: "change", known });
    expect((await times(100, () => right(by))).every((wait) => wait === null)).toBe(true);
    expect(await right(by)).toBe(900);
    expect(await right({ ...by, now: new Date(START + 15 * MINUTES + 1) })).toBeNull();
  });

  test.each(["log-in", "change"] as const)(
    "to %s are a thousand for a network, over all accounts",
    async (purpose) => {
      const address = freshAddress();
      const one = (overrides: Partial<Attempt> = {}) =>
        somebody({
          address,
          purpose,
          known: purpose === "change" ? device("d", crypto.randomUUID()) : null,
          ...overrides,
        });
      const waits = await Promise.all(Array.from({ length: 100 }, () => right(one())));
      expect(waits.every((wait) => wait === null)).toBe(true);
      await db.query(
        "UPDATE rate_limits SET points = 999 WHERE key LIKE 'sign-ins-by-network:%' AND points = 100",
      );
      expect(await right(one())).toBeNull();
      expect(await right(one())).toBe(900);
      expect(await right(one({ address: freshAddress() }))).toBeNull();
    },
  );
});

describe("from one network", () => {
  test("five hundred wrong passwords over many accounts are the end of it", async () => {
    const address = freshAddress();
    const waits: (number | null)[] = [];
    for (let batch = 0; batch < 51; batch += 1)
      waits.push(...(await Promise.all(Array.from({ length: 10 }, () => wrong(somebody({ address }))))));
    expect(waits.filter((wait) => wait === null)).toHaveLength(500);
    expect(await wrong(somebody({ address }))).toBe(900);
  });

  test("what was refused for its account does not count for the network", async () => {
    const by = somebody();
    await times(5, () => wrong(by));
    await times(20, () => wrong(by));
    const { rows } = await db.query(
      "SELECT points FROM rate_limits WHERE key LIKE 'guesses-by-network:%' ORDER BY expire DESC",
    );
    expect(rows.map(({ points }) => points)).not.toContain(25);
  });

  test("a right password of one's own gives back no guess at another's", async () => {
    const address = freshAddress();
    const victim = freshEmail();
    await times(4, () => wrong(somebody({ address, email: victim })));
    await times(3, () => right(somebody({ address })));
    expect(await times(2, () => wrong(somebody({ address, email: victim })))).toEqual([null, 30]);
  });
});

describe("signing up and signing in", () => {
  const up = (email: string, ip: string, password = PASSWORD) =>
    signUp({ email, password, name: "Zoe", ...signIn({ kind: "browser" }) }, actor(ip));

  test("guesses at an address without an account do not keep its owner from signing up", async () => {
    const [email, ip] = [freshEmail(), freshAddress()];
    const results = await times(7, () => logIn({ email, password: WRONG, ...signIn() }, actor(ip)));
    expect(results.at(-1)).toMatchObject({ code: "rate_limited" });
    expect(await up(email, ip)).toMatchObject({ ok: true });
  });

  test("sign-ups with a known address do not keep its owner from signing in", async () => {
    const [{ email }, ip] = [await addPerson(db), freshAddress()];
    const results = await times(7, () => up(email, ip, WRONG));
    expect(results.slice(0, 5).every((each) => !each.ok && each.code === "email_taken")).toBe(true);
    expect(results[5]).toMatchObject({ code: "rate_limited" });
    expect(await logIn({ email, password: PASSWORD, ...signIn() }, actor(ip))).toMatchObject({ ok: true });
  });

  test("sign-ups are a thousand for a network in an hour", async () => {
    const address = freshAddress();
    expect(await right(somebody({ purpose: "sign-up", address }))).toBeNull();
    await db.query("UPDATE rate_limits SET points = 999 WHERE key LIKE 'sign-ups:%' AND points = 1");
    expect(await right(somebody({ purpose: "sign-up", address }))).toBeNull();
    expect(await right(somebody({ purpose: "sign-up", address }))).toBe(3_600);
    expect(await right(somebody({ purpose: "sign-up" }))).toBeNull();
  });
});

describe("what is written about failed attempts", () => {
  const eventsFrom = async (ip: string) =>
    (
      await db.query<{ type: string; count: number }>(
        "SELECT type, count(*)::int FROM security_events WHERE ip = $1 GROUP BY type ORDER BY type",
        [ip],
      )
    ).rows;

  test("is one event for each wait, however often it is refused", async () => {
    const [{ email }, ip] = [await addPerson(db), freshAddress()];
    const now = (later: number) => signIn({ now: new Date(START + later) });
    await times(60, () => logIn({ email, password: WRONG, ...now(0) }, actor(ip)));
    expect(await eventsFrom(ip)).toEqual([
      { type: "login_blocked", count: 1 },
      { type: "login_failed", count: 5 },
    ]);
    await times(60, () => logIn({ email, password: WRONG, ...now(31 * SECONDS) }, actor(ip)));
    expect(await eventsFrom(ip)).toEqual([
      { type: "login_blocked", count: 2 },
      { type: "login_failed", count: 10 },
    ]);
  });

  test("is no more than a hundred events for a network in a quarter of an hour", async () => {
    const ip = freshAddress();
    await times(12, () =>
      Promise.all(
        Array.from({ length: 10 }, () =>
          logIn({ email: freshEmail(), password: WRONG, ...signIn() }, actor(ip)),
        ),
      ),
    );
    expect(await eventsFrom(ip)).toEqual([{ type: "login_failed", count: 100 }]);
  });

  test("holds no more of a user agent than tells browsers apart", async () => {
    const ip = freshAddress();
    const from = { ...actor(ip), userAgent: "ü".repeat(500) };
    await logIn({ email: freshEmail(), password: WRONG, ...signIn() }, from);
    const { rows } = await db.query(
      "SELECT pg_column_size(e.*) AS bytes FROM security_events e WHERE ip = $1",
      [ip],
    );
    expect(rows[0].bytes).toBeLessThan(700);
  });
});

describe("guesses at once", () => {
  test("are counted exactly, fifty over many connections", async () => {
    for (let round = 0; round < 5; round += 1) {
      const by = somebody();
      const waits = await Promise.all(Array.from({ length: 50 }, () => wrong(by)));
      expect(waits.filter((wait) => wait === null)).toHaveLength(5);
      expect(waits.filter((wait) => wait === 30)).toHaveLength(45);
    }
  });

  test("from many networks are stopped exactly at the hundredth", async () => {
    const by = somebody();
    const waits = await Promise.all(
      Array.from({ length: 150 }, (_, n) => wrong({ ...by, address: `10.9.${n}.1` })),
    );
    expect(waits.filter((wait) => wait === null)).toHaveLength(100);
  });
});
