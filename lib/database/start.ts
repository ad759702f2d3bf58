import "server-only";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { SECONDS } from "@/lib/time";
import { Connection } from "./connection";
import { UnsuitableDatabase } from "./settings";
import { ignoredOf } from "./url";

// What is looked at once, when a server starts. A database that cannot be reached then does not keep it from starting:
// it comes up together with its database, and is ready when that is.

/**
 * Why the databases of the two URLs cannot be used the way they are set up, a sentence each; empty when they can, or
 * when they do not answer. Logs what an operator should know about the URLs.
 */
export async function databaseProblems(): Promise<string[]> {
  const { databaseUrl, feedDatabaseUrl } = env();
  const urls = new Map([[databaseUrl, "DATABASE_URL"]]);
  if (!urls.has(feedDatabaseUrl)) urls.set(feedDatabaseUrl, "FEED_DATABASE_URL");
  const found = await Promise.all([...urls].map(([url, name]) => problemsOf(url, name)));
  return found.flat();
}

async function problemsOf(url: string, name: string): Promise<string[]> {
  try {
    // May throw, too, for a certificate that is not there or a parameter that contradicts another one.
    const connection = new Connection({
      connectionString: url,
      connectionTimeoutMillis: 3 * SECONDS,
      query_timeout: 3 * SECONDS,
      application_name: "latchkey-start",
    });
    warnOf(url, name, connection);
    await connection.connect();
    await connection.end();
  } catch (error) {
    if (error instanceof UnsuitableDatabase) return error.problems.map((each) => `${name}: ${each}`);
    log.error("database_not_reached_at_start", { setting: name, error });
  }
  return [];
}

/** node-postgres itself says whether it would speak TLS: URL and environment have many words for it. */
function warnOf(url: string, setting: string, { host, ssl }: Pick<Connection, "host" | "ssl">): void {
  const ignored = ignoredOf(url);
  if (ignored.length > 0)
    log.error("database_url_ignored", {
      setting,
      ignored,
      advice:
        "These have no effect. DATABASE_POOL_SIZE sets the number of connections; see docs/operations.md.",
    });
  if (isHere(host)) return;
  if (!ssl)
    log.error("database_without_tls", {
      setting,
      host,
      advice: `Everybody on the way can read and change what is said. Add sslmode=verify-full to ${setting}, and sslrootcert=<file> for a private authority.`,
    });
  else if (isUnverified(ssl))
    log.error("database_tls_not_verified", {
      setting,
      host,
      advice: `Anybody on the way can pose as the database. Put sslmode=verify-full into ${setting}.`,
    });
}

function isHere(host: string): boolean {
  return host.startsWith("/") || host === "localhost" || host === "::1" || /^127\./.test(host);
}

const isUnverified = (ssl: unknown) =>
  typeof ssl === "object" && ssl !== null && "rejectUnauthorized" in ssl && ssl.rejectUnauthorized === false;
