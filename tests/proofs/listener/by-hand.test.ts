import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownDatabase } from "../../support/database/database";
import { eventually } from "../../support/http/timing";
import { ask, askByCookie } from "../support/asking";
import { addDevices, type Device, Fleet, metric } from "../support/fleet";

// A session ended by hand, in SQL, leaves the memory of every instance, though nothing waits for that.

const STATEMENTS: [what: string, sql: string, ids: (device: Device) => string[]][] = [
  [
    "a session ended",
    "UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1",
    ({ id }) => [id],
  ],
  ["a session deleted", "DELETE FROM sessions WHERE id = $1", ({ id }) => [id]],
  ["a session given another id", "UPDATE sessions SET id = uuid_v7() WHERE id = $1", ({ id }) => [id]],
  [
    "a session given another secret",
    "UPDATE sessions SET secret_hash = sha256('another') WHERE id = $1",
    ({ id }) => [id],
  ],
  [
    "a session that is over earlier",
    "UPDATE sessions SET expires_at = created_at + interval '1 ms' WHERE id = $1",
    ({ id }) => [id],
  ],
  ["its user disabled", "UPDATE users SET disabled_at = now() WHERE id = $1", ({ userId }) => [userId]],
  ["its user deleted", "DELETE FROM users WHERE id = $1", ({ userId }) => [userId]],
  ["all sessions truncated", "TRUNCATE sessions CASCADE", () => []],
];

// So long that nothing is refused because one ran out.
const LEASE = 60_000;

const db = ownDatabase();
let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.start(2, {
    databaseUrl: process.env.DATABASE_URL ?? "",
    env: { LEASE_MS: String(LEASE) },
  });
});
afterAll(async () => {
  await fleet?.stop();
  await db.end();
});

async function checksWithoutLease(): Promise<number> {
  const counts = await Promise.all(
    fleet.servers.map((server) => metric(server, "latchkey_checks_without_lease_total")),
  );
  return counts.reduce((total, count) => total + count, 0);
}

describe.each(STATEMENTS)("%s", (_, sql, ids) => {
  test("is refused by all instances soon, although their leases go on", async () => {
    const { devices } = await addDevices(fleet, db, 1);
    const [device] = devices;
    if (!device) throw new Error("There is one.");
    for (const server of fleet.servers) {
      const hits = await metric(server, "latchkey_checks_from_memory_total");
      expect(await ask(server, device)).toBe(200);
      expect(await askByCookie(server, device)).toBe(200);
      expect(await metric(server, "latchkey_checks_from_memory_total")).toBe(hits + 1);
    }

    await db.query(sql, ids(device));
    const withoutLease = await checksWithoutLease();
    await eventually(async () => {
      for (const server of fleet.servers) expect(await ask(server, device)).toBe(401);
    }, 2);
    // By the news, then, and not because a lease ran out.
    expect(await checksWithoutLease()).toBe(withoutLease);
    for (const server of fleet.servers) {
      expect(await askByCookie(server, device)).toBe(401);
      expect(await metric(server, "latchkey_lease_left_seconds")).toBeGreaterThan(0);
    }
  });
});
