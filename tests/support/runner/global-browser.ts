import { databaseServer, freshDatabase } from "../database/database";
import { startServer } from "../http/server";

/** What `tests/support/people/place.ts` reads in the workers. */
export const PLACE = "TEST_PLACE";

/** One server for all browser tests. Its workers are started later, and find it in their environment. */
export default async function setup(): Promise<() => Promise<void>> {
  const database = await databaseServer();
  const server = await startServer({ databaseUrl: await freshDatabase() });
  const { url, origin, databaseUrl, secrets } = server;
  process.env[PLACE] = JSON.stringify({ url, origin, databaseUrl, secrets });
  return async () => {
    await server.stop();
    await database.stop();
    const complaints = server.lines.filter((line) => /"level":"error"|⨯|\bError\b/.test(line));
    if (complaints.length > 0) throw new Error(`The server complained:\n${complaints.join("\n")}`);
  };
}
