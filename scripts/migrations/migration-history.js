// @ts-check
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, problem } from "../problem.js";

// Which migrations there are, and which of them the database has, according to Prisma's own table.

/**
 * @typedef {{ name: string, sql: string, checksum: string }} Migration
 * @typedef {{ migration_name: string, checksum: string, started_at: Date, finished: boolean, logs: string | null }} Row
 */

/**
 * @param {import("pg").Client} books
 * @returns {Promise<boolean>}
 */
export async function hasTable(books) {
  const { rows } = await books.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there");
  return rows[0].there;
}

/**
 * Makes Prisma's table in a schema without tables. Those of another program are not ours to add to.
 * @param {import("pg").Client} books
 */
export async function createTable(books) {
  const { rows } = await books.query(`SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND NOT EXISTS
      (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e') LIMIT 1`);
  if (rows[0])
    throw problem(
      `The database holds ${rows[0].relname} and no record of migrations: it is not this app's. Name an empty one.`,
    );
  await books.query(`CREATE TABLE _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
}

/**
 * The migrations that the database has, oldest first, without those that were rolled back.
 * @param {import("pg").Client} books
 * @returns {Promise<Row[]>}
 */
export async function readRows(books) {
  const { rows } =
    await books.query(`SELECT migration_name, checksum, started_at, finished_at IS NOT NULL AS finished, logs
    FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`);
  return rows;
}

/**
 * @param {string} folder
 * @returns {Promise<Migration[]>}
 */
export async function readMigrations(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, "migration.sql"), "utf8").catch((error) => {
        throw codeOf(error) === "ENOENT" ? problem(`The migration ${name} has no migration.sql.`) : error;
      });
      return { name, sql, checksum: checksumOf(sql) };
    }),
  );
}

/**
 * @param {string} sql
 * @returns {string}
 */
function checksumOf(sql) {
  return createHash("sha256").update(sql).digest("hex");
}

/**
 * @param {Row[]} rows
 * @param {Migration[]} migrations
 */
export function notIn(rows, migrations) {
  const seen = new Set(rows.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !seen.has(name));
}

/**
 * Where the folder and the database differ in what both should know.
 * @param {Migration[]} migrations
 * @param {Row[]} rows
 * @returns {string[]}
 */
export function differences(migrations, rows) {
  return rows.flatMap(({ migration_name: name, checksum }) => {
    const migration = migrations.find((each) => each.name === name);
    if (!migration) return [`Warning: the database has the migration ${name}, and this version does not.`];
    // Git may have converted the line endings since.
    const unix = migration.sql.replaceAll("\r\n", "\n");
    const spellings = [migration.checksum, checksumOf(unix), checksumOf(unix.replaceAll("\n", "\r\n"))];
    return spellings.includes(checksum)
      ? []
      : [
          `Warning: the migration ${name} was changed after it was applied. The change is not in the database.`,
        ];
  });
}

/**
 * @param {Row} row
 * @returns {string}
 */
export function describeFailure({ migration_name: name, started_at: startedAt, logs }) {
  const when = startedAt.toISOString();
  if (!logs) return `The migration ${name} was begun at ${when} and never finished.`;
  return `The migration ${name} failed at ${when}: ${logs.replaceAll(/\s*\n\s*/g, " ")}.`;
}
