import pg from "pg";
import { pinSettings } from "@/lib/database/settings";
import { urlOfDatabase, withConnection } from "@/scripts/database";
import { applyMigrations } from "@/scripts/migrations/migrate";
import { startThrowaway } from "@/scripts/postgres/embedded";
import { randomName } from "../people/secrets";
import { addDecoy, makeOdd } from "./odd-settings";

// One PostgreSQL for a whole run; a database of its own for every test file and every server, copied from a template
// to which the migrations were applied once.

const TEMPLATE = "latchkey_template";
const SERVER = "TEST_DATABASE_SERVER";

export type DatabaseServer = { url: string; stop(): Promise<void> };

/**
 * The PostgreSQL of this run: the one that `npm test` started, or, where somebody runs a single runner by hand, a new
 * one. Processes that are started later find it too.
 */
export async function databaseServer(): Promise<DatabaseServer> {
  const running = process.env[SERVER];
  if (running) return { url: running, stop: async () => {} };

  const embedded = await startThrowaway();
  const timeZone = process.env.ODD_DATABASE;
  try {
    if (timeZone) await makeOdd(embedded.url, timeZone);
    await makeTemplate(embedded.url);
    if (timeZone) await addDecoy(urlOfDatabase(embedded.url, TEMPLATE));
  } catch (error) {
    await embedded.stop();
    throw error;
  }
  process.env[SERVER] = embedded.url;
  const stop = async () => {
    delete process.env[SERVER];
    await embedded.stop();
  };
  return { url: embedded.url, stop };
}

async function makeTemplate(url: string): Promise<void> {
  await withConnection(url, (client) => client.query(`CREATE DATABASE ${TEMPLATE}`));
  await applyMigrations(urlOfDatabase(url, TEMPLATE));
}

/** A fresh, migrated, empty database. Gives its URL. */
export function freshDatabase(): Promise<string> {
  return createDatabase(`TEMPLATE ${TEMPLATE}`);
}

/** A database without even the migrations. Gives its URL. */
export function emptyDatabase(): Promise<string> {
  return createDatabase("");
}

async function createDatabase(options: string): Promise<string> {
  const server = process.env[SERVER];
  if (!server) throw new Error("There is no database server: see databaseServer.");
  const name = `test_${randomName()}`;
  await withConnection(server, (client) => client.query(`CREATE DATABASE ${name} ${options}`));
  return urlOfDatabase(server, name);
}

/** Connections to a database that are not the app's, to look at rows and to write them by hand. */
export function connect(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 5, onConnect: pinSettings });
  // The databases of a run end before the idle connections to them do.
  pool.on("error", () => {});
  return pool;
}

/** The database that this test file has to itself; see setup-integration.ts. */
export function ownDatabase(): pg.Pool {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error("This file has no database.");
  return connect(url);
}
