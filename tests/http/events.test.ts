import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { program } from "../support/http/client";
import { expectProblem, TIME } from "../support/http/expectations";
import { type EventStream, openEvents } from "../support/http/stream";
import { freshSecret } from "../support/people/tokens";
import { newSession, newVisitor, tokenFor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

/** Everything that a stream still says until it ends. */
async function rest(stream: EventStream) {
  const events: { event: string; data: unknown }[] = [];
  for (let event = await stream.next(); event; event = await stream.next()) events.push(event);
  return events;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("/api/auth/events", () => {
  const EVENTS = "/api/auth/events";

  test("tells an open tab that its session ended, why and from where, and ends", async () => {
    const mine = await newVisitor(server, db);
    const other = await newSession(server, db, mine.person, { name: "Kitchen" });
    const stream = await openEvents(server, bearer(mine.token));
    expect(stream.status).toBe(200);
    expect(stream.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(stream.headers["cache-control"]).toBe("no-store, no-transform");
    await other.program.delete(`/api/auth/sessions/${mine.row.id}`);
    // The news that the sessions began may still be on its way.
    expect((await rest(stream)).filter(({ event }) => event !== "sessions")).toEqual([
      { event: "ended", data: { reason: "ended_from_another_device", from: "Kitchen", at: TIME } },
    ]);
  });

  test("tells of the siblings, and not of strangers", async () => {
    const [mine, stranger] = [await newVisitor(server, db), await newVisitor(server, db)];
    const stream = await openEvents(server, bearer(mine.token));
    await stranger.program.post("/api/auth/logout");
    await newSession(server, db, mine.person);
    expect(await stream.next()).toEqual({ event: "sessions", data: { change: "new" } });
    stream.close();
  });

  test("with ?list begins with the version of the list, which changes when the list does", async () => {
    const mine = await newVisitor(server, db);
    const version = async () => {
      const stream = await openEvents(server, bearer(mine.token), `${EVENTS}?list`);
      let event = await stream.next();
      while (event && event.event !== "list") event = await stream.next();
      stream.close();
      return event?.data;
    };
    const before = await version();
    expect(before).toEqual({ version: expect.stringMatching(/^[\w-]{16}$/) });
    expect(await version()).toEqual(before);
    const other = await newSession(server, db, mine.person, { name: "Kitchen" });
    const with2 = await version();
    expect(with2).not.toEqual(before);
    await db.query("UPDATE sessions SET name = 'Bath' WHERE id = $1", [other.row.id]);
    expect(await version()).not.toEqual(with2);
    // Its own use is not news: it shows the list, and is thereby in use.
    await other.program.delete(`/api/auth/sessions/${other.row.id}`);
    await db.query("UPDATE sessions SET last_seen_at = now() WHERE id = $1", [mine.row.id]);
    expect(await version()).toEqual(before);
  });

  test("ends with an account that is disabled by hand", async () => {
    const mine = await newVisitor(server, db);
    const stream = await openEvents(server, bearer(mine.token));
    await db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [mine.person.id]);
    expect((await rest(stream)).at(-1)).toMatchObject({
      event: "ended",
      data: { reason: "account_disabled" },
    });
  });

  test("has last words for a session that ended before", async () => {
    const ended = await newVisitor(server, db, { startedAgo: 600, endedAgo: 60 });
    const stream = await openEvents(server, bearer(ended.token));
    expect(await stream.next()).toMatchObject({ event: "ended", data: { reason: "logout" } });
    expect(await stream.next()).toBeNull();
  });

  test("is for those with a session", async () => {
    const { row } = await newVisitor(server, db);
    expectProblem(await program(server).get(EVENTS), "missing_token");
    expectProblem(
      await program(server, await tokenFor(server, row, { jti: freshSecret() })).get(EVENTS),
      "invalid_token",
    );
  });
});

describe("the event streams of a session", () => {
  const open = (visitor: { token: string }) => openEvents(server, bearer(visitor.token));

  test("are ten at most: one more ends the oldest, whose client is told to come back much later", async () => {
    const mine = await newVisitor(server, db);
    const sibling = await newSession(server, db, mine.person);
    const theirs = await open(sibling);
    const streams: EventStream[] = [];
    for (let count = 0; count < 12; count += 1) streams.push(await open(mine));
    const [first, second, ...others] = streams as [EventStream, EventStream, ...EventStream[]];
    for (const stream of [first, second]) {
      expect((await rest(stream)).filter(({ event }) => event !== "sessions")).toEqual([]);
      expect(stream.retry()).toBeGreaterThan(20_000);
    }
    await sibling.program.patch(`/api/auth/sessions/${sibling.row.id}`, { json: { name: "Told" } });
    for (const stream of [theirs, ...others]) {
      expect(await stream.next()).toMatchObject({ event: "sessions" });
      stream.close();
    }
  });

  test("that are only asked about, or refused, end none", async () => {
    const mine = await newVisitor(server, db);
    const stream = await open(mine);
    for (let count = 0; count < 15; count += 1) {
      const { status } = await mine.program.send("HEAD", "/api/auth/events");
      expect(status).toBe(200);
      const refused = await tokenFor(server, mine.row, { jti: freshSecret() });
      expectProblem(await program(server, refused).get("/api/auth/events"), "invalid_token");
    }
    await mine.program.post("/api/auth/logout");
    expect((await rest(stream)).at(-1)).toMatchObject({ event: "ended", data: { reason: "logout" } });
  });

  test("that are closed by their readers make room", async () => {
    const mine = await newVisitor(server, db);
    const stream = await open(mine);
    for (let count = 0; count < 30; count += 1) {
      const other = await open(mine);
      other.close();
      // Its place is free once the server has noticed, which it has when it answers what came after.
      await mine.program.get("/api/auth/verify");
    }
    await mine.program.post("/api/auth/logout");
    expect((await rest(stream)).at(-1)).toMatchObject({ event: "ended", data: { reason: "logout" } });
  });
});

describe("/api/auth/receipt", () => {
  const RECEIPT = "/api/auth/receipt";
  const confirmedAt = async (id: string) =>
    (await db.query("SELECT confirmed_at FROM sessions WHERE id = $1", [id])).rows[0].confirmed_at;

  test("is taken once from the device of an ended session", async () => {
    const ended = await newVisitor(server, db, { startedAgo: 600, endedAgo: 60 });
    expect((await ended.browser.post(RECEIPT)).status).toBe(204);
    const first = await confirmedAt(ended.row.id);
    expect(first).toBeInstanceOf(Date);
    expect((await ended.browser.post(RECEIPT)).status).toBe(204);
    expect(await confirmedAt(ended.row.id)).toEqual(first);
  });

  test("of a live session means nothing", async () => {
    const live = await newVisitor(server, db);
    expect((await live.browser.post(RECEIPT)).status).toBe(204);
    expect(await confirmedAt(live.row.id)).toBeNull();
  });

  test("is taken from nobody who lacks its secret", async () => {
    const { row } = await newVisitor(server, db, { startedAgo: 600, endedAgo: 60 });
    const token = await tokenFor(server, row, { jti: freshSecret() });
    expectProblem(await program(server, token).post(RECEIPT), "invalid_token");
    expectProblem(await program(server).post(RECEIPT), "missing_token");
    expect(await confirmedAt(row.id)).toBeNull();
  });
});
