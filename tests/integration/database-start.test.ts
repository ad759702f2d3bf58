import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { urlOfDatabase, withConnection } from "@/scripts/database";
import { makeOdd } from "../support/database/odd-settings";
import { type OwnPostgres, startOwnPostgres } from "../support/database/own-postgres";
import { startPooler } from "../support/database/pooler";
import { withSettings } from "../support/people/settings";

// What a start looks at: a database that is set up in a way that cannot be made good refuses it and is named; everything
// else is pinned on each connection.

let postgres: OwnPostgres;
let owner: pg.Client;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  owner = new pg.Client(postgres.url);
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await postgres?.stop();
});
afterEach(async () => {
  await owner.query("ALTER ROLE CURRENT_USER RESET ALL");
  await owner.query("DROP SCHEMA IF EXISTS decoy CASCADE");
});

async function start(url: string, more: Record<string, string> = {}) {
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  const settings = { DATABASE_URL: url, ...more };
  const { databaseProblems } = await withSettings(settings, () => import("@/lib/database/start"));
  const { flushLog } = await import("@/lib/log");
  const problems = await databaseProblems();
  flushLog();
  const lines = said.mock.calls.flat().join("\n");
  said.mockRestore();
  return { problems, lines };
}

async function ask(url: string) {
  const db = await withSettings({ DATABASE_URL: url }, () => import("@/lib/db"));
  const { isUnavailable } = await import("@/lib/database/errors");
  try {
    const { rows } = await db.pool().query(
      `SELECT current_setting('TimeZone') AS zone, current_setting('DateStyle') AS style, current_schema() AS schema,
       current_setting('synchronous_commit') AS commit, current_setting('transaction_isolation') AS isolation`,
    );
    return rows[0];
  } catch (error) {
    return isUnavailable(error) ? "unavailable" : error;
  } finally {
    await db.closeDatabase();
  }
}

const PINNED = {
  zone: "UTC",
  style: "ISO, MDY",
  schema: "public",
  commit: "on",
  isolation: "read committed",
};

test("an ordinary database is taken, and nothing is said", async () => {
  expect(await start(postgres.url)).toEqual({ problems: [], lines: "" });
  expect(await ask(postgres.url)).toEqual(PINNED);
});

test("odd settings are pinned", async () => {
  await makeOdd(postgres.url, "Asia/Tokyo");
  expect((await start(postgres.url)).problems).toEqual([]);
  expect(await ask(postgres.url)).toEqual(PINNED);
});

test("a URL's own options are, too", async () => {
  const url = `${postgres.url}?options=${encodeURIComponent("-c TimeZone=Asia/Tokyo -c DateStyle=German")}`;
  const { problems, lines } = await start(url);
  expect(problems).toEqual([]);
  expect(lines).toContain("database_url_ignored");
  expect(lines).toContain("timezone");
  expect(await ask(url)).toEqual(PINNED);
});

test("a commit that waits for the replica to apply it is not made to wait for less", async () => {
  await owner.query("ALTER ROLE CURRENT_USER SET synchronous_commit TO remote_apply");
  expect(await ask(postgres.url)).toMatchObject({ commit: "remote_apply" });
});

describe("refused and named, at the start, on the pool, and by the scripts", () => {
  test.each(["LATIN1", "SQL_ASCII"])("a database in %s", async (encoding) => {
    const name = `in_${encoding.toLowerCase()}`;
    await owner.query(
      `CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0`,
    );
    await expectRefusal(urlOfDatabase(postgres.url, name), `server_encoding is ${encoding}`);
  });

  test("triggers that do not fire", async () => {
    await owner.query("ALTER ROLE CURRENT_USER SET session_replication_role TO replica");
    await expectRefusal(postgres.url, "session_replication_role is replica");
  });

  async function expectRefusal(url: string, named: string): Promise<void> {
    expect((await start(url)).problems).toEqual([expect.stringContaining(`DATABASE_URL: ${named}`)]);
    expect(await ask(url)).toBe("unavailable");
    await expect(withConnection(url, async () => {})).rejects.toThrow(named);
  }
});

describe("behind a pooler", () => {
  test("what poolers track is set", async () => {
    const pooler = await startPooler(postgres.url);
    await owner.query("ALTER ROLE CURRENT_USER SET TimeZone TO 'Asia/Tokyo'");
    await owner.query("ALTER ROLE CURRENT_USER SET DateStyle TO 'SQL, DMY'");
    expect((await start(pooler.url)).problems).toEqual([]);
    expect(await ask(pooler.url)).toEqual(PINNED);
    await pooler.stop();
  });

  test.each([
    ["search_path", "decoy, public"],
    ["default_transaction_isolation", "serializable"],
    ["synchronous_commit", "off"],
  ])("what they do not track must be right by itself: %s", async (name, value) => {
    const pooler = await startPooler(postgres.url);
    await owner.query("CREATE SCHEMA decoy");
    await owner.query(
      `ALTER ROLE CURRENT_USER SET ${name} TO ${name === "search_path" ? value : `'${value}'`}`,
    );
    const { problems } = await start(pooler.url);
    expect(problems).toEqual([expect.stringContaining(`DATABASE_URL: ${name} is "${value}"`)]);
    expect(problems[0]).toContain("ALTER ROLE");
    expect(await ask(pooler.url)).toBe("unavailable");
    await pooler.stop();
  });
});

describe("is told, and does not keep a server from starting", () => {
  test("a database that does not answer", async () => {
    const { problems, lines } = await start("postgresql://app@127.0.0.1:9/app");
    expect(problems).toEqual([]);
    expect(lines).toContain("database_not_reached_at_start");
  });

  test.each(["", "?sslmode=disable", "?ssl=0"])("a remote database without TLS: %j", async (query) => {
    const { problems, lines } = await start(`postgresql://app:secret@db.invalid/app${query}`);
    expect(problems).toEqual([]);
    expect(lines).toMatch(/database_without_tls.*setting=DATABASE_URL.*sslmode=verify-full/);
    expect(lines).not.toContain("secret");
  });

  test("a remote database for the feed without TLS", async () => {
    const remote = { FEED_DATABASE_URL: "postgresql://app:secret@db.invalid/app" };
    expect((await start(postgres.url, remote)).lines).toMatch(
      /database_without_tls setting=FEED_DATABASE_URL/,
    );
  });

  test("TLS that verifies nobody", async () => {
    const { lines } = await start("postgresql://app@db.invalid/app?sslmode=no-verify");
    expect(lines).toContain("database_tls_not_verified");
  });

  test.each(["?sslmode=verify-full", "?sslmode=require", "?ssl=true"])(
    "nothing of a remote database with %s",
    async (query) => {
      const { lines } = await start(`postgresql://app@db.invalid/app${query}`);
      expect(lines).not.toMatch(/database_without_tls|database_tls_not_verified/);
    },
  );
});

test("moments are the same whatever the zone of process and connection, through either driver", async () => {
  const moment = new Date("1970-06-01T00:00:00.123Z");
  const db = await withSettings(
    { DATABASE_URL: postgres.url, TZ: "Africa/Monrovia" },
    () => import("@/lib/db"),
  );
  await owner.query("CREATE TABLE IF NOT EXISTS moments (at timestamptz)");
  const client = await db.pool().connect();
  // As if a pooler had lost what was set.
  await client.query("SET TimeZone TO 'America/St_Johns'");
  client.release();
  await db.gatePrisma().$executeRaw`INSERT INTO moments VALUES (${moment})`;
  await db.pool().query("INSERT INTO moments VALUES ($1)", [moment]);
  const byPrisma = await db.gatePrisma().$queryRaw`SELECT at FROM moments`;
  const { rows: byPool } = await db.pool().query("SELECT at FROM moments");
  const { rows: stored } = await owner.query("SELECT extract(epoch FROM at)::text AS epoch FROM moments");
  await db.closeDatabase();
  const same = [{ at: moment }, { at: moment }];
  expect([byPrisma, byPool]).toEqual([same, same]);
  expect(stored.map(({ epoch }) => Number(epoch) * 1000)).toEqual([moment.getTime(), moment.getTime()]);
});
