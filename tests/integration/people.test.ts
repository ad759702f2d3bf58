import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportOwnSession } from "@/lib/account/link/report";
import { endSessionsOf, findPerson, listPeople, setDisabled } from "@/lib/account/people";
import { logIn } from "@/lib/account/sign-in/log-in";
import { authenticatedRoute, json, requireRole } from "@/lib/http/route";
import { findSession } from "@/lib/session/queries";
import { ownDatabase } from "../support/database/database";
import { plainEnvironment, ROOT } from "../support/http/server";
import { actor, signIn } from "../support/people/actors";
import { addPerson, addSession, PASSWORD, type Person } from "../support/people/people";
import { randomName } from "../support/people/secrets";

// What administrators may do, and that nobody else may.

const db = ownDatabase();
afterAll(() => db.end());

const run = promisify(execFile);

async function asCaller(person: Person) {
  const found = await findSession((await addSession(db, person)).id);
  if (!found) throw new Error("There is no session.");
  return found;
}

let boss: Person;
let administrator: Awaited<ReturnType<typeof asCaller>>;
beforeAll(async () => {
  boss = await addPerson(db, { role: "admin" });
  administrator = await asCaller(boss);
});
const context = () => ({ administrator, now: new Date() });
const eventsOf = async ({ id }: Person) => {
  const sql = "SELECT type, ip, detail FROM security_events WHERE user_id = $1 ORDER BY created_at, id";
  return (await db.query(sql, [id])).rows;
};

describe("somebody without the role", () => {
  test.each([
    ["list people", (by: typeof administrator) => listPeople(by, { take: 1 })],
    [
      "look at one",
      (by: typeof administrator) => findPerson({ administrator: by, now: new Date() }, boss.id),
    ],
    [
      "end sessions",
      (by: typeof administrator) =>
        endSessionsOf({ administrator: by, now: new Date() }, { personId: boss.id, sessionId: "all" }),
    ],
    [
      "disable accounts",
      (by: typeof administrator) =>
        setDisabled({ administrator: by, now: new Date() }, { personId: boss.id, isDisabled: true }),
    ],
  ])("cannot %s", async (_, act) => {
    const caller = await asCaller(await addPerson(db));
    await expect(act(caller)).rejects.toMatchObject({ code: "forbidden" });
    expect((await findSession(administrator.session.id))?.session.endedAt).toBeNull();
    expect((await findSession(administrator.session.id))?.user.disabled).toBe(false);
  });
});

test("a route for a role lets its people in, and tells others that they may not", async () => {
  const route = authenticatedRoute(async (call) => {
    requireRole(call, "admin");
    return json({});
  });
  const ask = async ({ email }: Person) => {
    const entered = await logIn({ email, password: PASSWORD, ...signIn() }, actor("192.0.2.1"));
    if (!entered.ok) throw new Error("Nobody is signed in.");
    const headers = { authorization: `Bearer ${entered.token}` };
    return route(new Request("https://app.example.com/api/people", { headers }), {
      params: Promise.resolve({}),
    });
  };
  expect((await ask(boss)).status).toBe(200);
  const refused = await ask(await addPerson(db));
  expect([refused.status, await refused.json()]).toMatchObject([403, { code: "forbidden" }]);
});

describe("the list of people", () => {
  test("finds parts of names and addresses in any case, and signs of patterns as they are", async () => {
    const word = randomName();
    const byName = await addPerson(db, { name: `Ada ${word.toUpperCase()}` });
    const byAddress = await addPerson(db, { email: `${word}@example.com` });
    await addPerson(db, { name: "Bob" });
    const found = await listPeople(administrator, { search: word, take: 10 });
    expect(found.map(({ id }) => id).sort()).toEqual([byAddress.id, byName.id].sort());
    const odd = await addPerson(db, { name: `100%_${word}\\` });
    for (const search of ["100%", `%_${word}`, `${word}\\`])
      expect((await listPeople(administrator, { search, take: 10 })).map(({ id }) => id)).toEqual([odd.id]);
    expect(await listPeople(administrator, { search: "1__%", take: 10 })).toEqual([]);
  });

  test("comes in pages, latest first, without hashes", async () => {
    const word = randomName();
    const people = [];
    for (let count = 0; count < 5; count += 1) people.push(await addPerson(db, { name: word }));
    const first = await listPeople(administrator, { search: word, take: 3 });
    const last = first.at(-1);
    const after = last && { at: new Date(last.created_at), id: last.id };
    const second = await listPeople(administrator, { search: word, take: 3, after });
    const all = [...first, ...second];
    expect(all.map(({ id }) => id).sort()).toEqual(people.map(({ id }) => id).sort());
    const times = all.map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort().reverse());
    expect(JSON.stringify(first)).not.toContain("argon2");
    expect(Object.keys(first[0] ?? {}).sort()).toEqual(
      ["created_at", "disabled_at", "email", "email_verified", "id", "name", "role"].sort(),
    );
  });
});

describe("a person's sessions", () => {
  test("are shown, and ended one by one or all, with a reason that stands in their activity", async () => {
    const person = await addPerson(db);
    const stranger = await addSession(db, await addPerson(db));
    const [one, two] = [await addSession(db, person), await addSession(db, person)];
    const shown = await findPerson(context(), person.id);
    expect(shown?.sessions.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());

    expect(await endSessionsOf(context(), { personId: person.id, sessionId: stranger.id })).toBe(0);
    expect((await findSession(stranger.id))?.session.endedAt).toBeNull();
    expect(await endSessionsOf(context(), { personId: person.id, sessionId: one.id })).toBe(1);
    expect((await findSession(one.id))?.session).toMatchObject({ endedReason: "ended_by_administrator" });
    expect((await findSession(two.id))?.session.endedAt).toBeNull();
    expect(await endSessionsOf(context(), { personId: person.id, sessionId: "all" })).toBe(1);
    expect(await endSessionsOf(context(), { personId: person.id, sessionId: "all" })).toBe(0);
    const detail = { reason: "ended_by_administrator", by: null };
    expect(await eventsOf(person)).toEqual([
      { type: "session_ended", ip: null, detail },
      { type: "session_ended", ip: null, detail },
    ]);
  });

  test("are nobody's where there is no such person", async () => {
    const nobody = "0190f3a0-7f00-7000-8000-000000000001";
    expect(await findPerson(context(), nobody)).toBeNull();
    expect(await endSessionsOf(context(), { personId: nobody, sessionId: "all" })).toBe(0);
    expect(await setDisabled(context(), { personId: nobody, isDisabled: true })).toBe(false);
  });
});

describe("an account", () => {
  test("is disabled, which ends its sessions, and enabled again, each told in its activity", async () => {
    const person = await addPerson(db);
    const { id } = await addSession(db, person);
    const change = (isDisabled: boolean) => setDisabled(context(), { personId: person.id, isDisabled });
    expect(await change(false)).toBe(false);
    expect(await change(true)).toBe(true);
    expect(await change(true)).toBe(false);
    expect(await findSession(id)).toMatchObject({
      session: { endedReason: "account_disabled" },
      user: { disabled: true },
    });
    expect(await change(false)).toBe(true);
    expect((await findSession(id))?.user.disabled).toBe(false);
    expect((await eventsOf(person)).map(({ type }) => type)).toEqual([
      "session_ended",
      "account_disabled",
      "account_enabled",
    ]);
  });

  test("that is disabled by two at once is disabled once", async () => {
    const person = await addPerson(db);
    const change = { personId: person.id, isDisabled: true };
    const done = await Promise.all([1, 2, 3].map(() => setDisabled(context(), change)));
    expect(done.filter(Boolean)).toHaveLength(1);
  });

  test("is not disabled by its own administrator", async () => {
    expect(await setDisabled(context(), { personId: boss.id, isDisabled: true })).toBe(false);
  });
});

describe("npm run admin", () => {
  const admin = (...args: string[]) =>
    run(process.execPath, ["scripts/run.js", "admin", ...args], {
      cwd: ROOT,
      env: { ...plainEnvironment(), DATABASE_URL: process.env.DATABASE_URL },
    });

  test("makes an administrator of an account, in any spelling, and takes the role back", async () => {
    const person = await addPerson(db, { email: `rené.${randomName()}@xn--bcher-kva.example` });
    const typed = person.email.toUpperCase().replace("XN--BCHER-KVA", "BÜCHER");
    expect((await admin(typed)).stdout).toBe(`${person.email} is an administrator now.\n`);
    expect((await admin(person.email)).stdout).toBe(`${person.email} is an administrator already.\n`);
    expect((await findSession((await addSession(db, person)).id))?.user.role).toBe("admin");
    expect((await admin(person.email, "--remove")).stdout).toBe(`${person.email} is no administrator now.\n`);
    expect(await eventsOf(person)).toEqual([
      { type: "role_changed", ip: null, detail: { role: "admin" } },
      { type: "role_changed", ip: null, detail: { role: "user" } },
    ]);
  });

  test.each([
    [[], "Say whose"],
    [["nobody@example.com"], "There is no account with the address nobody@example.com."],
    [["a@example.com", "b@example.com"], "Say whose"],
  ])("with %j says what is wrong", async (args, words) => {
    await expect(admin(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
  });
});

describe("a device that its owner reports", () => {
  test("ends with the API sessions, and the caller goes on; with everything, all others end", async () => {
    const person = await addPerson(db);
    const add = (kind: "browser" | "api") => addSession(db, person, { kind });
    const [own, strange, other, program] = [
      await add("browser"),
      await add("browser"),
      await add("browser"),
      await add("api"),
    ];
    const caller = (await findSession(own.id))?.session;
    if (!caller) throw new Error("There is no session.");
    const report = (everything: boolean) =>
      reportOwnSession({ caller, id: strange.id, everything, now: new Date() }, actor("192.0.2.1"));
    const ends = async () =>
      Promise.all(
        [own, strange, other, program].map(async ({ id }) => (await findSession(id))?.session.endedReason),
      );
    expect(await report(false)).toBe(2);
    expect(await ends()).toEqual([null, "reported", null, "reported"]);
    expect(await report(true)).toBe(1);
    expect(await ends()).toEqual([null, "reported", "reported", "reported"]);
    expect((await eventsOf(person)).filter(({ type }) => type === "session_reported")).toHaveLength(2);
    await endSessionsOf(context(), { personId: person.id, sessionId: "all" });
    expect(await report(false)).toBeNull();
  });
});
