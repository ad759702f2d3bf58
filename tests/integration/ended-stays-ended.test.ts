import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownDatabase } from "../support/database/database";
import { addPerson, addSession, type Person, type Row } from "../support/people/people";

// What the database itself refuses, to every role and in every form.

const db = ownDatabase();
afterAll(() => db.end());

let person: Person;
let ended: Row;
let live: Row;
beforeAll(async () => {
  person = await addPerson(db);
  ended = await addSession(db, person, { startedAgo: 600, endedAgo: 60 });
  live = await addSession(db, person, { startedAgo: 600 });
});

const update = (row: Row, assignment: string) =>
  db.query(`UPDATE sessions SET ${assignment} WHERE id = $1`, [row.id]);

describe("an ended session", () => {
  test.each([
    ["be revived", "ended_at = NULL, ended_reason = NULL"],
    ["be revived by leaving the reason", "ended_at = NULL"],
    ["end later than it did", "ended_at = now()"],
    ["end earlier than it did", "ended_at = created_at"],
    ["end for another reason", "ended_reason = 'reported'"],
    ["lose its reason", "ended_reason = NULL"],
  ])("cannot %s", async (_, assignment) => {
    await expect(update(ended, assignment)).rejects.toThrow("stays ended");
  });

  test("cannot be revived in bulk, nor by an upsert", async () => {
    await expect(db.query("UPDATE sessions SET ended_at = NULL, ended_reason = NULL")).rejects.toThrow(
      "stays ended",
    );
    await expect(
      db.query(
        `INSERT INTO sessions SELECT (s).* FROM (SELECT s FROM sessions s WHERE id = $1) AS t
         ON CONFLICT (id) DO UPDATE SET ended_at = NULL, ended_reason = NULL`,
        [ended.id],
      ),
    ).rejects.toThrow("stays ended");
  });

  test("may get its receipt", async () => {
    expect((await update(ended, "confirmed_at = now()")).rowCount).toBe(1);
  });
});

describe("a session", () => {
  test.each([
    ["sessions_secret_hash_is_sha256", "secret_hash = '\\x00'"],
    ["sessions_secret_hash_is_sha256", "secret_hash = sha512('x')"],
    ["sessions_name_is_short", "name = ''"],
    ["sessions_name_is_short", "name = repeat('x', 61)"],
    ["sessions_idle_is_positive", "idle_seconds = 0"],
    ["sessions_end_after_they_start", "expires_at = created_at"],
    ["sessions_end_after_they_start", "ended_at = created_at - interval '1 second', ended_reason = 'logout'"],
    ["sessions_end_with_a_reason", "ended_at = now()"],
    ["sessions_end_with_a_reason", "ended_reason = 'logout'"],
    ["sessions_end_before_they_are_confirmed", "confirmed_at = now()"],
    ["sessions_are_ended_by_someone_once_ended", "ended_by_id = id"],
  ])("keeps %s: %s is refused", async (constraint, assignment) => {
    await expect(update(live, assignment)).rejects.toMatchObject({ constraint });
  });

  test.each(["secret_hash = NULL", "user_id = NULL", "expires_at = NULL", "idle_seconds = NULL"])(
    "needs all it is made of: %s is refused",
    async (assignment) => {
      await expect(update(live, assignment)).rejects.toMatchObject({ code: "23502" });
    },
  );

  test("belongs to somebody there is", async () => {
    const stranger = { id: "0190f3a0-7f00-7000-8000-000000000001" };
    await expect(addSession(db, stranger)).rejects.toMatchObject({ constraint: "sessions_user_id_fkey" });
  });
});

describe("a user", () => {
  test.each([" ada@example.com", "Ada@example.com", "ada@example.com "])(
    "cannot have the address %j, which nobody could sign in with",
    async (email) => {
      await expect(addPerson(db, { email })).rejects.toMatchObject({
        constraint: "users_email_is_normalised",
      });
    },
  );

  test("shares the address with nobody", async () => {
    await expect(addPerson(db, { email: person.email })).rejects.toMatchObject({
      constraint: "users_email_key",
    });
  });
});

test("ids are version 7: they sort by time", async () => {
  const rows: Row[] = [];
  for (let count = 0; count < 20; count += 1) {
    rows.push(await addSession(db, person));
    // The clock of these ids counts milliseconds.
    await db.query("SELECT pg_sleep(0.002)");
  }
  const ids = rows.map((row) => row.id);
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const [milliseconds] = ids.map((id) => Number.parseInt(id.replace("-", "").slice(0, 12), 16));
  expect(Math.abs((milliseconds ?? 0) - Date.now())).toBeLessThan(60_000);
});
