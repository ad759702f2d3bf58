import type { TestProject } from "vitest/node";
import { freshDatabase } from "../database/database";
import { startServer } from "../http/server";
import type { Secrets } from "../people/secrets";

/** A server that all files of the project share, as far as another process can know it. */
export type SharedServer = { url: string; origin: string; databaseUrl: string; secrets: Secrets };

declare module "vitest" {
  export interface ProvidedContext {
    plain: SharedServer;
    secure: SharedServer;
  }
}

/** Starts one server for http on localhost and one that people reach by https. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const plain = await startServer({ databaseUrl: await freshDatabase() });
  const secure = await startServer({ databaseUrl: await freshDatabase(), scheme: "https" }).catch(
    async (error: unknown) => {
      await plain.stop();
      throw error;
    },
  );
  for (const [name, server] of [["plain", plain] as const, ["secure", secure] as const]) {
    const { url, origin, databaseUrl, secrets } = server;
    project.provide(name, { url, origin, databaseUrl, secrets });
  }
  return async () => {
    await plain.stop();
    await secure.stop();
  };
}
