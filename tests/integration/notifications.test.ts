import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Notification, parseNotification } from "@/lib/revocation/notifications";
import { ownDatabase } from "../support/database/database";
import { addPerson, addSession, type Person, type Row } from "../support/people/people";

// Triggers send the notifications, so that one goes out for exactly what is committed, by any writer: here by hand.

const db = ownDatabase();
const listener = new pg.Client({ connectionString: process.env.DATABASE_URL });
const payloads: string[] = [];
const DONE = "done";
let wake = () => {};

beforeAll(async () => {
  await listener.connect();
  listener.on("notification", ({ payload = "" }) => {
    if (payload === DONE) wake();
    else payloads.push(payload);
  });
  await listener.query("LISTEN latchkey");
});

afterAll(async () => {
  await listener.end();
  await db.end();
});

/** Returns once everything that was told before has arrived: the mark arrives last. */
async function everythingArrived(): Promise<void> {
  const done = new Promise<void>((resolve) => {
    wake = resolve;
  });
  await db.query("SELECT pg_notify('latchkey', $1)", [DONE]);
  await done;
}

/** All that is told about what `work` commits. */
async function told(work: () => Promise<unknown>): Promise<Notification[]> {
  await everythingArrived();
  payloads.length = 0;
  await work();
  await everythingArrived();
  return payloads.flatMap(parseNotification);
}

let person: Person;
let row: Row;
beforeEach(async () => {
  person = await addPerson(db);
  row = await addSession(db, person, { startedAgo: 600, seenAgo: 300 });
});

const about = (kind: Exclude<Notification["kind"], "owner" | "all">, { id, userId }: Row = row) => ({
  kind,
  id,
  owner: userId,
});
const set = (assignment: string, { id }: Row = row) =>
  told(() => db.query(`UPDATE sessions SET ${assignment} WHERE id = $1`, [id]));
const ENDED = "ended_at = now(), ended_reason = 'logout'";

describe("about a session", () => {
  test("that begins", async () => {
    let begun: Row | undefined;
    const news = await told(async () => {
      begun = await addSession(db, person);
    });
    expect(news).toEqual([about("new", begun)]);
  });

  test("that was seen", async () => {
    expect(await set("last_seen_at = now()")).toEqual([about("seen")]);
  });

  test.each([
    "name = 'Laptop'",
    "secret_hash = sha256('x')",
    "last_seen_at = now(), name = 'x'",
    "idle_seconds = 60",
    "user_id = user_id",
  ])("that changed: %s", async (assignment) => {
    expect(await set(assignment)).toEqual([about("changed")]);
  });

  test("whose time was moved back", async () => {
    expect(await set("last_seen_at = created_at")).toEqual([about("changed")]);
  });

  test("that ended", async () => {
    expect(await set(ENDED)).toEqual([about("ended")]);
  });

  test("that ended and was given another owner in one go", async () => {
    const other = await addPerson(db);
    expect(await set(`${ENDED}, user_id = '${other.id}'`)).toContainEqual(about("ended"));
  });

  test("that was deleted while live", async () => {
    expect(await told(() => db.query("DELETE FROM sessions WHERE id = $1", [row.id]))).toEqual([
      about("deleted"),
    ]);
  });

  test("that was deleted after its end is none", async () => {
    await set(ENDED);
    expect(await told(() => db.query("DELETE FROM sessions WHERE id = $1", [row.id]))).toEqual([]);
  });

  test("whose id was changed by hand", async () => {
    expect(await set("id = gen_random_uuid()")).toContainEqual(about("deleted"));
  });

  test("and about all, when the table is emptied", async () => {
    expect(await told(() => db.query("TRUNCATE sessions CASCADE"))).toEqual([{ kind: "all" }]);
  });

  test("is told of what is committed, and of nothing else", async () => {
    const client = await db.connect();
    await client.query("BEGIN");
    await client.query(`UPDATE sessions SET ${ENDED} WHERE id = $1`, [row.id]);
    expect(await told(async () => {})).toEqual([]);
    expect(await told(() => client.query("ROLLBACK"))).toEqual([]);
    await client.query("BEGIN");
    await client.query(`UPDATE sessions SET ${ENDED} WHERE id = $1`, [row.id]);
    expect(await told(() => client.query("COMMIT"))).toEqual([about("ended")]);
    client.release();
  });
});

describe("about a user", () => {
  test("that changed", async () => {
    const news = await told(() => db.query("UPDATE users SET name = 'Lovelace' WHERE id = $1", [person.id]));
    expect(news).toEqual([{ kind: "owner", owner: person.id }]);
  });

  test("that was disabled: the sessions end in the same transaction", async () => {
    const second = await addSession(db, person);
    const stranger = await addSession(db, await addPerson(db));
    const news = await told(() =>
      db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [person.id]),
    );
    expect(news).toHaveLength(3);
    expect(news).toEqual(
      expect.arrayContaining([about("ended"), about("ended", second), { kind: "owner", owner: person.id }]),
    );
    const { rows } = await db.query(
      "SELECT id, ended_reason FROM sessions WHERE ended_at IS NULL AND id = ANY($1)",
      [[row.id, second.id, stranger.id]],
    );
    expect(rows).toEqual([{ id: stranger.id, ended_reason: null }]);
  });

  test("that was deleted: the sessions go", async () => {
    const news = await told(() => db.query("DELETE FROM users WHERE id = $1", [person.id]));
    expect(news).toEqual([about("deleted")]);
  });
});

test("about very many at once fits the 8,000 bytes of a notification, and nobody is left out", async () => {
  const rows = [row];
  for (let count = 1; count < 250; count += 1) rows.push(await addSession(db, person));
  const news = await told(() => db.query(`UPDATE sessions SET ${ENDED} WHERE user_id = $1`, [person.id]));
  expect(payloads.length).toBe(3);
  for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
  const ids = news.flatMap((each) => (each.kind === "ended" ? [each.id] : []));
  expect(ids.sort()).toEqual(rows.map(({ id }) => id).sort());
});
