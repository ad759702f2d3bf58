import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { program } from "../support/http/client";
import { expectProblem, sessionShape, TIME } from "../support/http/expectations";
import { newSession, newVisitor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const SESSIONS = "/api/auth/sessions";
const VERIFY = "/api/auth/verify";
type Listed = { sessions: { id: string; current: boolean; name: string }[]; cursor?: string | null };
const idsOf = (listed: Listed) => listed.sessions.map(({ id }) => id);

describe("the list", () => {
  test("holds the live sessions of the caller, the current one first, then by last use", async () => {
    const visitor = await newVisitor(server, db, { startedAgo: 3_000, seenAgo: 2_000, ip: "192.0.2.1" });
    const old = await newSession(server, db, visitor.person, {
      startedAgo: 3_000,
      seenAgo: 900,
      ip: "192.0.2.1",
    });
    const fresh = await newSession(server, db, visitor.person, { ip: "192.0.2.1" });
    await newSession(server, db, visitor.person, { startedAgo: 600, endedAgo: 60 });
    await newSession(server, db, visitor.person, { startedAgo: 7_300, idleSeconds: 7_200 });
    await newVisitor(server, db);

    const answer = await visitor.program.get(SESSIONS);
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("no-store");
    const listed = answer.json<Listed>();
    expect(idsOf(listed)).toEqual([visitor.row.id, fresh.row.id, old.row.id]);
    expect(listed).toEqual({
      sessions: [visitor, fresh, old].map(({ row }) =>
        sessionShape({ id: row.id, current: row === visitor.row }),
      ),
    });
    for (const secret of [visitor.row.secret, "secret", "hash"]) expect(answer.text).not.toContain(secret);
  });

  test("leaves out what is overdue, which stands in the history from then on", async () => {
    const visitor = await newVisitor(server, db);
    const idle = await newSession(server, db, visitor.person, { startedAgo: 7_300, idleSeconds: 7_200 });
    const expired = await newSession(server, db, visitor.person, { startedAgo: 7_300, endsIn: -1 });
    expect(idsOf((await visitor.program.get(SESSIONS)).json<Listed>())).toEqual([visitor.row.id]);
    const history = await visitor.program.get(`${SESSIONS}?state=ended`);
    const found = history.json<{ sessions: { id: string; ended_reason: string }[] }>().sessions;
    expect(Object.fromEntries(found.map(({ id, ended_reason }) => [id, ended_reason]))).toEqual({
      [idle.row.id]: "idle",
      [expired.row.id]: "expired",
    });
  });

  test("is the caller's whatever else is asked for", async () => {
    const [visitor, stranger] = [await newVisitor(server, db), await newVisitor(server, db)];
    for (const query of [
      `userId=${stranger.person.id}`,
      `user_id=${stranger.person.id}`,
      `sub=${stranger.person.id}`,
    ]) {
      const answer = await visitor.program.get(`${SESSIONS}?${query}`, {
        headers: { "x-user-id": stranger.person.id },
      });
      expect(idsOf(answer.json<Listed>())).toEqual([visitor.row.id]);
    }
  });

  test("is for callers with a session only", async () => {
    expectProblem(await program(server).get(SESSIONS), "missing_token");
    expectProblem(await program(server, "x").get(SESSIONS), "invalid_token");
  });

  test.each(["state=", "state=all", "state=ENDED", `cursor=${"x".repeat(101)}`])(
    "?%s is 400",
    async (query) => {
      const answer = await (await newVisitor(server, db)).program.get(`${SESSIONS}?${query}`);
      expect(answer.json()).toMatchObject({ code: "invalid_request", status: 400 });
    },
  );
});

describe("the history", () => {
  test("holds the ended ones, latest first, with when, why and by whom", async () => {
    const visitor = await newVisitor(server, db);
    const [first, second] = [
      await newSession(server, db, visitor.person),
      await newSession(server, db, visitor.person),
    ];
    await first.program.post("/api/auth/logout");
    await visitor.program.delete(`${SESSIONS}/${second.row.id}`);
    const answer = await visitor.program.get(`${SESSIONS}?state=ended`);
    expect(answer.json()).toEqual({
      sessions: [
        sessionShape({
          id: second.row.id,
          ip: null,
          current: false,
          ended_at: TIME,
          ended_reason: "ended_from_another_device",
          ended_by: visitor.row.id,
        }),
        sessionShape({ id: first.row.id, ip: null, current: false, ended_at: TIME, ended_reason: "logout" }),
      ],
      cursor: null,
    });
  });

  test("comes in pages that leave nothing out and repeat nothing, even where many ended at one moment", async () => {
    const visitor = await newVisitor(server, db);
    const ids: string[] = [];
    for (let count = 0; count < 120; count += 1) {
      // Three moments for 120 sessions.
      const { row } = await newSession(server, db, visitor.person, { startedAgo: 900 });
      ids.push(row.id);
    }
    await db.query(
      "UPDATE sessions SET ended_at = now() - make_interval(secs => mod(ascii(id::text), 3) * 60), ended_reason = 'logout' WHERE id = ANY($1)",
      [ids],
    );
    const pages: Listed[] = [];
    let cursor: string | null | undefined = "";
    while (cursor !== null) {
      const query: string = cursor ? `&cursor=${cursor}` : "";
      const page: Listed = (await visitor.program.get(`${SESSIONS}?state=ended${query}`)).json<Listed>();
      pages.push(page);
      cursor = page.cursor;
      if (pages.length > 10) throw new Error("The pages have no end.");
    }
    expect(pages.map((page) => page.sessions.length)).toEqual([50, 50, 20]);
    expect(pages.flatMap(idsOf).sort()).toEqual(ids.sort());
  });

  test.each([
    "x",
    "1.2",
    "9e9.x",
    "0.0190f3a0-7f00-7000-8000-00000000000g",
    "-1.0190f3a0-7f00-7000-8000-000000000000",
    "' OR 1=1",
  ])("with the cursor %j is 400", async (cursor) => {
    const { program: caller } = await newVisitor(server, db);
    const answer = await caller.get(`${SESSIONS}?state=ended&cursor=${encodeURIComponent(cursor)}`);
    expectProblem(answer, "invalid_request", ["cursor"]);
  });

  test("with a cursor that points at somebody else's session shows none of theirs", async () => {
    const [visitor, stranger] = [await newVisitor(server, db), await newVisitor(server, db)];
    await newSession(server, db, stranger.person, { startedAgo: 600, endedAgo: 60 });
    const cursor = `${Date.now()}.${stranger.row.id}`;
    const answer = await visitor.program.get(`${SESSIONS}?state=ended&cursor=${cursor}`);
    expect(answer.json()).toEqual({ sessions: [], cursor: null });
  });
});

/** Paths that name no session of the caller, all alike from outside. */
const NOBODYS: [string, (other: { row: { id: string } }) => string][] = [
  ["somebody else's", ({ row }) => row.id],
  ["an unknown one", () => "0190f3a0-7f00-7000-8000-000000000001"],
  ["no id", () => "1"],
  ["an id with something behind", ({ row }) => `${row.id}0`],
  ["a trick", () => "%27%20OR%201=1"],
  ["a NUL", () => "%00"],
  ["a word of JavaScript", () => "__proto__"],
  ["a very long one", () => "a".repeat(2_000)],
];

describe("ending one", () => {
  test("of the own: 204, and its token is 401 session_ended at once", async () => {
    const visitor = await newVisitor(server, db);
    const other = await newSession(server, db, visitor.person);
    const answer = await visitor.program.delete(`${SESSIONS}/${other.row.id}`);
    expect(answer.status).toBe(204);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expectProblem(await other.program.get(VERIFY), "session_ended");
    expect((await visitor.program.get(VERIFY)).status).toBe(200);
  });

  test("the caller's own takes the cookie away", async () => {
    const visitor = await newVisitor(server, db);
    const answer = await visitor.browser.delete(`${SESSIONS}/${visitor.row.id}`);
    expect(answer.status).toBe(204);
    expect(answer.setCookies).toHaveLength(1);
    expect(visitor.browser.cookies.has("session")).toBe(false);
    expectProblem(await visitor.program.get(VERIFY), "session_ended");
  });

  test("twice is 404, and the first end stays", async () => {
    const visitor = await newVisitor(server, db);
    const other = await newSession(server, db, visitor.person);
    const path = `${SESSIONS}/${other.row.id}`;
    await visitor.program.delete(path);
    const { rows: before } = await db.query("SELECT * FROM sessions WHERE id = $1", [other.row.id]);
    expectProblem(await visitor.program.delete(path), "not_found");
    expect((await db.query("SELECT * FROM sessions WHERE id = $1", [other.row.id])).rows).toEqual(before);
  });

  test("in capitals is the same session", async () => {
    const visitor = await newVisitor(server, db);
    const other = await newSession(server, db, visitor.person);
    expect((await visitor.program.delete(`${SESSIONS}/${other.row.id.toUpperCase()}`)).status).toBe(204);
  });

  test.each(NOBODYS)("of %s: 404, nothing changed", async (_, path) => {
    const [visitor, other] = [await newVisitor(server, db), await newVisitor(server, db)];
    const answer = await visitor.program.delete(`${SESSIONS}/${path(other)}`);
    expectProblem(answer, "not_found");
    expect((await other.program.get(VERIFY)).status).toBe(200);
  });
});

describe("naming one", () => {
  const rename = async (name: unknown, body: Record<string, unknown> = {}) => {
    const visitor = await newVisitor(server, db);
    return visitor.program.patch(`${SESSIONS}/${visitor.row.id}`, { json: { name, ...body } });
  };

  test.each([
    ["Kitchen", "Kitchen"],
    ["  Kitchen  ", "Kitchen"],
    ["x".repeat(60), "x".repeat(60)],
    ["🍳".repeat(60), "🍳".repeat(60)],
    ["می‌خواهم", "می‌خواهم"],
    ["Küche 🍳", "Küche 🍳"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    [null, "API client"],
  ])("%j: 200 with the session as it is now", async (name, shown) => {
    const answer = await rename(name);
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ session: sessionShape({ name: shown, ip: null }) });
  });

  test("is what the list and verify show from then on", async () => {
    const visitor = await newVisitor(server, db);
    await visitor.program.get(VERIFY);
    await visitor.program.patch(`${SESSIONS}/${visitor.row.id}`, { json: { name: "Kitchen" } });
    expect((await visitor.program.get(SESSIONS)).json<Listed>().sessions[0]?.name).toBe("Kitchen");
    expect((await visitor.program.get(VERIFY)).json<{ session: { name: string } }>().session.name).toBe(
      "Kitchen",
    );
  });

  test.each([
    [""],
    ["   "],
    ["x".repeat(61)],
    ["🍳".repeat(61)],
    ["a\u2028b"],
    ["a\u202eb"],
    ["a\u2069b"],
    ["\u200b\u2060"],
    ["a\nb"],
    ["a\u0000b"],
    ["\ud800"],
    [7],
    [true],
    [{}],
    [["x"]],
    [undefined],
  ])("%j: 400", async (name) => {
    expectProblem(await rename(name), "invalid_request", ["name"]);
  });

  test("changes nothing else: other members are refused", async () => {
    for (const member of ["userId", "expiresAt", "endedAt", "id", "secretHash", "kind"]) {
      expectProblem(await rename("x", { [member]: "x" }), "invalid_request", [member]);
    }
  });

  test.each(NOBODYS)("of %s: 404, nothing changed", async (_, path) => {
    const [visitor, other] = [await newVisitor(server, db), await newVisitor(server, db)];
    expectProblem(
      await visitor.program.patch(`${SESSIONS}/${path(other)}`, { json: { name: "x" } }),
      "not_found",
    );
    const { rows } = await db.query("SELECT name FROM sessions WHERE id = $1", [other.row.id]);
    expect(rows).toEqual([{ name: null }]);
  });

  test.each([
    ["has ended", { startedAgo: 600, endedAgo: 60 }],
    ["is overdue by its idle time", { startedAgo: 7_300, idleSeconds: 7_200 }],
    ["is overdue by its expiry", { startedAgo: 7_300, endsIn: -1 }],
  ])("of one that %s: 404", async (_, facts) => {
    const visitor = await newVisitor(server, db);
    const { row } = await newSession(server, db, visitor.person, facts);
    expectProblem(await visitor.program.patch(`${SESSIONS}/${row.id}`, { json: { name: "x" } }), "not_found");
  });
});
