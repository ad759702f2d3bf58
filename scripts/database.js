// @ts-check
import { BlockList, isIP, isIPv6 } from "node:net";
import pg from "pg";
import { pinSettings, UnsuitableDatabase } from "../lib/database/settings.js";
import { problem, reasonOf } from "./problem.js";

/**
 * Runs `work` with a connection of its own. Fails in one sentence when the database cannot be reached, or
 * used the way it is set up.
 * @template T
 * @param {string} url
 * @param {(client: pg.Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withConnection(url, work) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A connection lost while idle is reported by the next query; without a listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    await pinSettings(client);
  } catch (error) {
    // Not awaited: a connection that hangs cannot be closed.
    void client.end().catch(() => {});
    if (error instanceof UnsuitableDatabase)
      throw problem(`The database at ${hostOf(url)} cannot be used: ${error.message}`, error);
    throw problem(`The database at ${hostOf(url)} cannot be reached: ${reasonOf(error)}.`, error);
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * The same server and account, another database.
 * @param {string} url
 * @param {string} database
 * @returns {string}
 */
export function urlOfDatabase(url, database) {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.toString();
}

/**
 * Whether the database runs on this machine, and holds nobody else's data.
 * @param {string} url
 * @returns {boolean}
 */
export function isLocal(url) {
  // As the driver will read it: `?host=` goes before the URL's own, and PGHOST stands in for a missing one.
  const host = new pg.Client({ connectionString: url }).host.toLowerCase();
  if (host.startsWith("/") || host === "localhost" || host.endsWith(".localhost")) return true;
  const address = host.replace(/^\[|\]$/g, "");
  return isIP(address) !== 0 && LOOPBACK.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

// It knows "::ffff:127.0.0.1" and every other spelling, too.
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/**
 * Where the database is, for messages.
 * @param {string} url
 * @returns {string}
 */
export function hostOf(url) {
  const { host, port } = new pg.Client({ connectionString: url });
  return host.startsWith("/") ? host : `${host}:${port}`;
}
