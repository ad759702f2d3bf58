import { urlOfDatabase, withConnection } from "@/scripts/database";
import { applyMigrations } from "@/scripts/migrations/migrate";
import { startThrowaway } from "@/scripts/postgres/embedded";
import { randomName } from "../../support/people/secrets";

const TEMPLATE = "latchkey_template";

/** PostgreSQL for one run. Unlike that of the tests it waits for the disk, as one with real data does. */
export type Stage = { database(): Promise<string>; close(): Promise<void> };

export async function setStage(): Promise<Stage> {
  const server = await startThrowaway({ fsync: "on", full_page_writes: "on" });
  await withConnection(server.url, (client) => client.query(`CREATE DATABASE ${TEMPLATE}`));
  const template = urlOfDatabase(server.url, TEMPLATE);
  await applyMigrations(template);
  await withConnection(template, (client) => client.query("CREATE EXTENSION pg_stat_statements"));
  return {
    /** A fresh, migrated, empty database. Gives its URL. */
    async database() {
      const name = `bench_${randomName()}`;
      await withConnection(server.url, (client) =>
        client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`),
      );
      return urlOfDatabase(server.url, name);
    },
    close: () => server.stop(),
  };
}
