import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { urlOfDatabase, withConnection } from "@/scripts/database";
import { applyMigrations, pendingMigrations, settleFailure } from "@/scripts/migrations/migrate";
import { withSchemaEngine } from "@/scripts/migrations/schema-engine";
import { emptyDatabase, freshDatabase } from "../support/database/database";
import { ROOT } from "../support/http/server";

// The runner against Prisma's own engine, which must find everything as it would have left it.

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** A folder of migrations, by their names. */
async function folderOf(migrations: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "latchkey-migrations-"));
  folders.push(folder);
  for (const [name, sql] of Object.entries(migrations)) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "migration.sql"), sql);
  }
  return folder;
}

const query = (url: string, sql: string) =>
  withConnection(url, async (client) => (await client.query(sql)).rows);
const records = (url: string) =>
  query(url, "SELECT * FROM _prisma_migrations ORDER BY started_at, migration_name");

const ours = async () => {
  const entries = await readdir(join(ROOT, "prisma", "migrations"), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({
      name,
      sql: await readFile(join(ROOT, "prisma", "migrations", name, "migration.sql"), "utf8"),
    })),
  );
};

/** What Prisma's engine is told of the folder. */
function listOf(migrations: { name: string; sql: string }[]) {
  return {
    baseDir: join(ROOT, "prisma", "migrations"),
    lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
    shadowDbInitScript: "",
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok" as const, value: sql } },
    })),
  };
}
const filters = { externalTables: [], externalEnums: [] };

/** `prisma migrate deploy`. */
const deploy = (url: string, migrations: { name: string; sql: string }[]) =>
  withSchemaEngine(url, undefined, async (engine) => {
    const applied = await engine.applyMigrations({ migrationsList: listOf(migrations), filters });
    return applied.appliedMigrationNames;
  });

describe("beside Prisma", () => {
  test("its engine finds every migration applied and unedited", async () => {
    const url = await emptyDatabase();
    await applyMigrations(url);
    const migrations = await ours();
    expect(await deploy(url, migrations)).toEqual([]);
    const found = await withSchemaEngine(url, undefined, (engine) =>
      engine.diagnoseMigrationHistory({
        migrationsList: listOf(migrations),
        optInToShadowDatabase: true,
        filters,
      }),
    );
    expect(found).toMatchObject({
      history: null,
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
    });
  });

  test("a database that its engine migrated goes on from there", async () => {
    const url = await emptyDatabase();
    const [first, ...rest] = await ours();
    if (!first) throw new Error("There is no migration.");
    expect(await deploy(url, [first])).toEqual([first.name]);
    expect(await pendingMigrations(url)).toEqual(rest.map(({ name }) => name));
    expect(await applyMigrations(url)).toEqual(rest.map(({ name }) => name));
  });

  test("both make the same table and write the same record", async () => {
    const [left, right] = [await emptyDatabase(), await emptyDatabase()];
    const sql = "CREATE TABLE a (id int);\r\nCREATE TABLE b (id int);";
    await applyMigrations(left, { folder: await folderOf({ "1_a": sql }) });
    await deploy(right, [{ name: "1_a", sql }]);
    const columns = `SELECT column_name, data_type, character_maximum_length, is_nullable, column_default
      FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`;
    expect(await query(left, columns)).toEqual(await query(right, columns));
    const facts = ([row]: Record<string, unknown>[]) => ({
      ...row,
      id: typeof row?.id,
      started_at: row?.started_at instanceof Date,
      finished_at: row?.finished_at instanceof Date,
    });
    expect(facts(await records(left))).toEqual(facts(await records(right)));
    expect((await records(left))[0].checksum).toBe(createHash("sha256").update(sql).digest("hex"));
  });

  test("it refuses after a failure of ours, as it does after its own", async () => {
    const url = await emptyDatabase();
    const sql = "SELECT 1/0";
    await expect(applyMigrations(url, { folder: await folderOf({ "1_a": sql }) })).rejects.toThrow();
    await expect(deploy(url, [{ name: "1_a", sql }])).rejects.toThrow(/found failed migrations.*`1_a`/);
  });
});

describe("a migration that fails", () => {
  test("leaves nothing behind, is recorded with its reason and its line, and stops what comes after it", async () => {
    const url = await emptyDatabase();
    const folder = await folderOf({
      "1_a": "CREATE TABLE a (id int);",
      "2_b": "CREATE TABLE b (name text);\n-- ünïcödé 🔑\nSELECT nothing FROM nowhere;\n",
      "3_c": "CREATE TABLE c (id int);",
    });
    await expect(applyMigrations(url, { folder })).rejects.toThrow(
      /The migration 2_b failed: relation "nowhere" does not exist \(line 3\)\..*--rolled-back 2_b/,
    );
    const [first, second, third] = await records(url);
    expect(first).toMatchObject({ migration_name: "1_a", applied_steps_count: 1 });
    expect(second).toMatchObject({
      migration_name: "2_b",
      finished_at: null,
      rolled_back_at: null,
      applied_steps_count: 0,
      logs: 'relation "nowhere" does not exist (line 3)',
    });
    expect(third).toBeUndefined();
    expect(await query(url, "SELECT to_regclass('b') AS b, to_regclass('c') AS c")).toEqual([
      { b: null, c: null },
    ]);
  });

  test("is told again, and nothing is applied, until it is settled", async () => {
    const url = await emptyDatabase();
    const folder = await folderOf({ "1_a": "SELECT 1/0;", "2_b": "CREATE TABLE b (id int);" });
    await expect(applyMigrations(url, { folder })).rejects.toThrow(/1_a failed: division by zero/);
    await expect(applyMigrations(url, { folder })).rejects.toThrow(
      /1_a failed at .*: division by zero\..*--rolled-back 1_a/,
    );
    await expect(settleFailure(url, "2_b")).rejects.toThrow(/"2_b" has failed/);
    await writeFile(join(folder, "1_a", "migration.sql"), "CREATE TABLE a (id int);");
    await settleFailure(url, "1_a");
    expect(await applyMigrations(url, { folder })).toEqual(["1_a", "2_b"]);
    expect((await records(url)).map((row) => row.rolled_back_at === null)).toEqual([false, true, true]);
  });

  test.each([
    ["by an open transaction", "BEGIN; CREATE TABLE a (id int);", /leaves a transaction open/],
    [
      "in a transaction of its own",
      "BEGIN; CREATE TABLE a (id int); SELECT 1/0; COMMIT;",
      /division by zero/,
    ],
  ])("%s is recorded, too", async (_, sql, reason) => {
    const url = await emptyDatabase();
    await expect(applyMigrations(url, { folder: await folderOf({ "1_a": sql }) })).rejects.toThrow(reason);
    expect((await records(url))[0]).toMatchObject({ finished_at: null });
    expect(await query(url, "SELECT to_regclass('a') AS a")).toEqual([{ a: null }]);
  });
});

describe("what a person should know is told", () => {
  const lines: string[] = [];
  const tell = (line: string) => void lines.push(line);
  afterEach(() => void lines.splice(0));

  test("of a migration that was edited or is missing, but not of other ends of lines", async () => {
    const url = await emptyDatabase();
    const sql = "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n";
    await applyMigrations(url, {
      folder: await folderOf({ "1_a": sql, "2_b": "SELECT 1", "3_c": "SELECT 1" }),
    });
    const folder = await folderOf({ "1_a": sql.replaceAll("\n", "\r\n"), "2_b": "SELECT 2" });
    expect(await applyMigrations(url, { folder, tell })).toEqual([]);
    expect(lines).toEqual([
      expect.stringMatching(/2_b was changed after it was applied/),
      expect.stringMatching(/has the migration 3_c, and this version does not/),
    ]);
  });

  test("as the migration raises it, even where the role is set to hear only errors", async () => {
    const url = await emptyDatabase();
    await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET client_min_messages = error`);
    const raise = "DO $$ BEGIN RAISE NOTICE 'two collide'; RAISE WARNING 'look at them'; END $$";
    await applyMigrations(url, { folder: await folderOf({ "1_a": raise }), tell });
    expect(lines).toEqual(["1_a: NOTICE: two collide", "1_a: WARNING: look at them"]);
  });

  test("of tables that are not ours, which are left alone", async () => {
    const url = await emptyDatabase();
    await query(url, "CREATE TABLE somebody_elses (id int)");
    await expect(applyMigrations(url)).rejects.toThrow(/holds somebody_elses .* not this app's/);
    expect(
      await query(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"),
    ).toEqual([{ relname: "somebody_elses" }]);
  });
});

describe("settings of the database", () => {
  test("a time limit for statements does not cut a migration off", async () => {
    const url = await emptyDatabase();
    await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET statement_timeout = '100ms'`);
    expect(await applyMigrations(url, { folder: await folderOf({ "1_a": "SELECT pg_sleep(0.3)" }) })).toEqual(
      ["1_a"],
    );
  });

  test("what a migration sets for its session ends with it", async () => {
    const url = await emptyDatabase();
    const folder = await folderOf({
      "1_a": "SELECT set_config('search_path', '', false); CREATE TABLE public.a (id int);",
      "2_b": "CREATE TABLE b (id int);",
    });
    expect(await applyMigrations(url, { folder })).toEqual(["1_a", "2_b"]);
    expect(await applyMigrations(url, { folder })).toEqual([]);
  });
});

describe("several at once", () => {
  test("wait for each other, also where an index is made CONCURRENTLY", async () => {
    const url = await emptyDatabase();
    const folder = await folderOf({
      "1_a": "CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 50000); SELECT pg_sleep(0.5);",
      "2_b": "CREATE INDEX CONCURRENTLY a_id ON a (id)",
    });
    const told: string[] = [];
    const tell = (line: string) => void told.push(line);
    const applied = await Promise.all([1, 2, 3].map(() => applyMigrations(url, { folder, tell })));
    expect(applied.flat()).toEqual(["1_a", "2_b"]);
    expect(told).toContain("Waiting for another process that migrates this database.");
    expect(await query(url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass")).toEqual([
      { indisvalid: true },
    ]);
  });

  test("wait for a runner of Prisma, and leave no lock behind", async () => {
    const url = await emptyDatabase();
    const folder = await folderOf({ "1_a": "CREATE TABLE a (id int)" });
    const applied = await withConnection(url, async (prisma) => {
      await prisma.query("SELECT pg_advisory_lock(72707369)");
      let waits = () => {};
      const waiting = new Promise<void>((resolve) => (waits = resolve));
      const running = applyMigrations(url, { folder, tell: waits });
      await waiting;
      expect(await query(url, "SELECT to_regclass('_prisma_migrations') AS there")).toEqual([
        { there: null },
      ]);
      await prisma.query("SELECT pg_advisory_unlock(72707369)");
      return running;
    });
    expect(applied).toEqual(["1_a"]);
    const own = "database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    const locks = `SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND ${own}`;
    expect(await query(url, locks)).toEqual([{ count: 0 }]);
  });
});

test("asking what is pending changes nothing", async () => {
  const url = await emptyDatabase();
  expect(await pendingMigrations(url)).toEqual((await ours()).map(({ name }) => name));
  expect(
    await query(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"),
  ).toEqual([]);
  expect(await pendingMigrations(await freshDatabase())).toEqual([]);
});

test("two databases of one server do not wait for each other", async () => {
  const [busy, url] = [await emptyDatabase(), await emptyDatabase()];
  await withConnection(urlOfDatabase(busy, new URL(busy).pathname.slice(1)), async (other) => {
    await other.query("SELECT pg_advisory_lock(72707369)");
    expect(await applyMigrations(url, { folder: await folderOf({ "1_a": "SELECT 1" }) })).toEqual(["1_a"]);
  });
});
