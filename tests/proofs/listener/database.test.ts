import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connect } from "../../support/database/database";
import { type OwnPostgres, startOwnPostgres } from "../../support/database/own-postgres";
import type { Server } from "../../support/http/server";
import { eventually, within } from "../../support/http/timing";
import { settingFor } from "../../support/runner/slowness";
import { ask, askByCookie, end } from "../support/asking";
import { addDevices, Fleet, metric } from "../support/fleet";

// docs/revocation.md, "When something breaks": the database is away. It is paused, which is worse than being gone:
// nobody is told.

const LEASE = settingFor(1_000);
/** Two limits of the pool, and what an answer takes. */
const UNAVAILABLE_WITHIN = 2_500;

let postgres: OwnPostgres;
let db: pg.Pool;
let fleet: Fleet;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  db = connect(postgres.url);
  fleet = await Fleet.start(2, {
    databaseUrl: postgres.url,
    env: { LEASE_MS: String(LEASE), GATE_QUERY_TIMEOUT_MS: String(settingFor(1_000)) },
  });
});

afterEach(() => postgres.resume());

afterAll(async () => {
  postgres?.resume();
  await fleet?.stop();
  await db?.end();
  await postgres?.stop();
});

const both = () => fleet.servers as [Server, Server];
const leaseOf = (server: Server) => metric(server, "latchkey_lease_left_seconds");

test("while it is paused nobody is let in by a guess, nothing ends by half, and afterwards all goes on", async () => {
  const [one, two] = both();
  const { devices } = await addDevices(fleet, db, 3);
  const [ender, target, other] = devices;
  if (!ender || !target || !other) throw new Error("There are three.");
  for (const server of [one, two]) for (const device of devices) expect(await ask(server, device)).toBe(200);

  postgres.pause();
  const ending = await end(one, ender, target);
  expect(ending.status).toBe(503);
  expect(ending.took).toBeLessThan(within(UNAVAILABLE_WITHIN));
  await eventually(async () => {
    for (const server of [one, two]) expect(await leaseOf(server)).toBe(0);
  });
  for (const server of [one, two]) {
    const startedAt = performance.now();
    expect(await ask(server, other)).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(within(UNAVAILABLE_WITHIN));
    expect(await askByCookie(server, other)).toBe(503);
  }

  postgres.resume();
  await eventually(async () => {
    for (const server of [one, two]) expect(await leaseOf(server)).toBeGreaterThan(0);
  });
  for (const server of [one, two]) expect(await ask(server, other)).toBe(200);
  // Whether the first attempt was committed is not known. Asked again, the answer can be relied on.
  expect([204, 404]).toContain((await end(one, ender, target)).status);
  for (const server of [one, two]) expect(await ask(server, target)).toBe(401);
});

test("a pause that is shorter than a lease goes by unnoticed", async () => {
  const [one, two] = both();
  const { devices } = await addDevices(fleet, db, 2);
  const [ender, target] = devices;
  if (!ender || !target) throw new Error("There are two.");
  for (const server of [one, two]) expect(await ask(server, ender)).toBe(200);
  postgres.pause();
  expect(await ask(two, ender)).toBe(200);
  const ending = end(one, ender, target);
  postgres.resume();
  expect((await ending).status).toBe(204);
  for (const server of [one, two]) expect(await ask(server, target)).toBe(401);
});

test("every connection is terminated at once: no 500, and the next ending is whole", async () => {
  const [one, two] = both();
  const { devices } = await addDevices(fleet, db, 12);
  const [ender, target, ...rest] = devices;
  if (!ender || !target) throw new Error("There are enough.");
  const asking = rest.flatMap((device) => [one, two].map((server) => ask(server, device)));
  await db.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'latchkey%' AND datname = current_database()",
  );
  const more = rest.flatMap((device) => [one, two].map((server) => ask(server, device)));
  for (const status of await Promise.all([...asking, ...more])) expect([200, 503]).toContain(status);
  await eventually(async () => expect((await end(one, ender, target)).status).toBe(204));
  for (const server of [one, two]) expect(await ask(server, target)).toBe(401);
});
