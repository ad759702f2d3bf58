import type { TestProject } from "vitest/node";
import { freshDatabase } from "./database";
import type { Secrets } from "./secrets";
import { startServer } from "./server";

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
  const [plain, secure] = await Promise.all([
    startServer({ databaseUrl: await freshDatabase() }),
    startServer({ databaseUrl: await freshDatabase(), scheme: "https" }),
  ]);
  for (const [name, server] of [["plain", plain] as const, ["secure", secure] as const]) {
    const { url, origin, databaseUrl, secrets } = server;
    project.provide(name, { url, origin, databaseUrl, secrets });
  }
  return async () => {
    await Promise.all([plain.stop(), secure.stop()]);
  };
}
