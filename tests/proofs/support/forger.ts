import pg from "pg";
import { randomName } from "../../support/people/secrets";

// A role that may connect to a database and do nothing else: enough to LISTEN and to NOTIFY.

/** What a notification was, as anybody may hear it. */
export type Overheard = { channel: string; payload: string };

export type Stranger = {
  /** What went over the channel of news since the stranger came. */
  overheard: Overheard[];
  notify(channel: string, payload: string): Promise<void>;
  stop(): Promise<void>;
};

/** Makes such a role, with the connection of its owner, and connects as it. */
export async function addStranger(db: pg.Pool, databaseUrl: string): Promise<Stranger> {
  const name = `stranger_${randomName()}`;
  await db.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`);
  const url = new URL(databaseUrl);
  url.username = name;
  url.password = name;
  const client = new pg.Client({ connectionString: url.toString() });
  // A database that is away is no concern of its own.
  client.on("error", () => {});
  const overheard: Overheard[] = [];
  client.on("notification", ({ channel, payload = "" }) => overheard.push({ channel, payload }));
  await client.connect();
  await client.query("LISTEN latchkey");
  return {
    overheard,
    async notify(channel, payload) {
      await client.query("SELECT pg_notify($1, $2)", [channel, payload]);
    },
    stop: () => client.end(),
  };
}
