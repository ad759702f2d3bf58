import pg from "pg";
import { problem, reasonOf } from "./problem";

/** Runs `work` with a connection of its own. Fails in one sentence when the database cannot be reached. */
export async function withConnection<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A connection lost while idle is reported by the next query; without a listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw problem(`The database at ${new URL(url).host} cannot be reached: ${reasonOf(error)}.`, error);
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same server and account, another database. */
export function urlOfDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.toString();
}

/** Whether the database runs on this machine, so that nobody else's data is at stake. */
export function isLocal(url: string): boolean {
  const { hostname, searchParams } = new URL(url);
  const host = searchParams.get("host") ?? hostname;
  return host.startsWith("/") || ["localhost", "127.0.0.1", "[::1]", ""].includes(host);
}
