// @ts-check
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { withConnection } from "../database.js";
import { ROOT } from "../environment.js";
import { problem, reasonOf } from "../problem.js";
import {
  createTable,
  describeFailure,
  differences,
  hasTable,
  notIn,
  readMigrations,
  readRows,
} from "./migration-history.js";

// Applies prisma/migrations with plain SQL and keeps Prisma's own table of them, so that production needs neither its
// command line nor its engine, and `prisma migrate` finds everything as it would have left it.

/**
 * @typedef {import("./migration-history.js").Migration} Migration
 * @typedef {{ folder?: string, tell?: (line: string) => void }} Options `tell` hears what a person should know.
 */

const MIGRATIONS = join(ROOT, "prisma", "migrations");

// Prisma's number, so that its command line and this one wait for each other.
const LOCK = 72_707_369;
const PATIENCE = 200;

/**
 * Applies what `folder` holds and the database has not seen, in the order of the names. Of several callers at once one
 * applies and the others wait. Throws one sentence where a migration fails, or failed earlier and was not settled.
 * @param {string} url
 * @param {Options} [options]
 * @returns {Promise<string[]>} the names applied
 */
export async function applyMigrations(url, { folder = MIGRATIONS, tell = () => {} } = {}) {
  const migrations = await readMigrations(folder);
  return withConnection(url, async (books) => {
    await prepare(books);
    return withMigrationLock(books, tell, async () => {
      if (!(await hasTable(books))) await createTable(books);
      const rows = await readRows(books);
      const failed = rows.find((row) => !row.finished);
      if (failed) throw problem(`${describeFailure(failed)} ${howToSettle(failed.migration_name)}`);

      for (const line of differences(migrations, rows)) tell(line);
      const pending = notIn(rows, migrations);
      for (const migration of pending) await apply(url, books, migration, tell);
      return pending.map(({ name }) => name);
    });
  });
}

/**
 * The names of the migrations that the database has not seen. Changes nothing.
 * @param {string} url
 * @returns {Promise<string[]>}
 */
export async function pendingMigrations(url) {
  const migrations = await readMigrations(MIGRATIONS);
  return withConnection(url, async (books) => {
    const rows = (await hasTable(books)) ? await readRows(books) : [];
    return notIn(rows, migrations).map(({ name }) => name);
  });
}

/**
 * Notes that what a failed migration left behind is cleared away, so that it is applied again. The same as `prisma
 * migrate resolve --rolled-back`.
 * @param {string} url
 * @param {string} name
 * @returns {Promise<void>}
 */
export async function settleFailure(url, name) {
  await withConnection(url, async (books) => {
    const { rowCount } = await books.query(
      `UPDATE _prisma_migrations SET rolled_back_at = now()
       WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
      [name],
    );
    if (rowCount === 0) throw problem(`No migration ${JSON.stringify(name)} has failed in this database.`);
  });
}

/**
 * Runs one migration on a connection of its own, so that what it sets for its session ends with it.
 * @param {string} url
 * @param {import("pg").Client} books
 * @param {Migration} migration
 * @param {(line: string) => void} tell
 */
async function apply(url, books, { name, sql, checksum }, tell) {
  const id = randomUUID();
  const started = "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)";
  await books.query(started, [id, checksum, name]);
  try {
    await withConnection(url, async (client) => {
      await prepare(client);
      client.on("notice", ({ severity, message }) => tell(`${name}: ${severity}: ${message}`));
      // Without parameters a query may hold several statements, and PostgreSQL makes them one transaction, unless there is
      // only one: CREATE INDEX CONCURRENTLY is alone in its file.
      await client.query(sql);
      if (client.getTransactionStatus() !== "I") throw problem("it leaves a transaction open");
    });
  } catch (error) {
    const reason = `${reasonOf(error)}${placeOf(error, sql)}`;
    await books.query("UPDATE _prisma_migrations SET logs = $2 WHERE id = $1", [id, reason]);
    throw problem(`The migration ${name} failed: ${reason}. ${howToSettle(name)}`, error);
  }
  const finished = "SET finished_at = now(), applied_steps_count = applied_steps_count + 1";
  await books.query(`UPDATE _prisma_migrations ${finished} WHERE id = $1`, [id]);
}

/**
 * Lifts the time-outs and lets notices through, regardless of the settings of the role or the database.
 * @param {import("pg").Client} client
 */
async function prepare(client) {
  await client.query(`SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout',
    'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')`);
  await client.query("SET client_min_messages = notice");
}

/**
 * Runs `work` while nobody else migrates the database of that connection.
 * @template T
 * @param {import("pg").Client} books
 * @param {(line: string) => void} tell
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withMigrationLock(books, tell, work) {
  // Polled: a session that waits inside a statement holds a snapshot, for which CREATE INDEX CONCURRENTLY would wait.
  for (let attempt = 1; !(await tryLock(books)); attempt++) {
    if (attempt === 1) tell("Waiting for another process that migrates this database.");
    await pause(PATIENCE);
  }
  try {
    return await work();
  } finally {
    // The lock would end with the connection, but a pooler may keep that open.
    await books.query("SELECT pg_advisory_unlock($1)", [LOCK]).catch(() => {});
  }
}

/**
 * @param {import("pg").Client} books
 * @returns {Promise<boolean>}
 */
async function tryLock(books) {
  const { rows } = await books.query("SELECT pg_try_advisory_lock($1) AS locked", [LOCK]);
  return rows[0].locked;
}

/**
 * @param {string} name
 * @returns {string}
 */
function howToSettle(name) {
  return `Nothing else is applied until that is settled. A migration is one transaction, so that nothing of it is left, unless it commits by itself or runs CONCURRENTLY: look, mend the cause, then \`npm run db:migrate -- --rolled-back ${name}\`.`;
}

/**
 * Where in the migration PostgreSQL saw the error.
 * @param {unknown} error
 * @param {string} sql
 * @returns {string}
 */
function placeOf(error, sql) {
  const position = error instanceof Error && "position" in error ? Number(error.position) : 0;
  // PostgreSQL counts characters, JavaScript UTF-16 units.
  return position
    ? ` (line ${[...sql].slice(0, position - 1).filter((each) => each === "\n").length + 1})`
    : "";
}
