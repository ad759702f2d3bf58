import { join } from "node:path";
import { hostOf, isLocal } from "./database";
import { generateClient } from "./development/client";
import { lastingDatabase, prepareApp, seed, withDatabase } from "./development/development";
import { handleSignals, runNode } from "./development/next";
import { dev, preview } from "./development/serve";
import { ROOT, settle } from "./environment";
import { createMigration, resetDatabase } from "./migrations/schema";
import { problem } from "./problem";

// The commands for development only.

const PRISMA = join(ROOT, "node_modules", "prisma", "build", "index.js");

type Command = (args: string[]) => Promise<number>;

const create: Command = async (args) => {
  const name = await withDatabase((url) => createMigration(url, args.join(" ")));
  await generateClient();
  if (!name) console.log("The migrations already lead to schema.prisma: nothing to write.");
  else console.log(`Wrote prisma/migrations/${name}/migration.sql. Read it, then \`npm run db:migrate\`.`);
  return 0;
};

const reset: Command = (args) =>
  withDatabase(async (url) => {
    confirm("db:reset", url, args);
    for (const name of await resetDatabase(url, console.log)) console.log(`Applied ${name}.`);
    return 0;
  });

const addDemoData: Command = (args) =>
  withDatabase(async (url) => {
    confirm("db:seed", url, args);
    await prepareApp(url, "http://localhost:3000", args);
    await seed(url);
    return 0;
  });

/** Prints the URL alone, for other programs: `psql "$(npm run --silent db:url)"`. */
const url: Command = async () => {
  console.log(await lastingDatabase());
  return 0;
};

const studio: Command = (args) => {
  handleSignals();
  return withDatabase((url) => {
    // prisma.config.ts reads it. Other accounts could read an argument.
    settle({ DATABASE_URL: url });
    return runNode([PRISMA, "studio", ...args]);
  });
};

/** Each is run by the launcher under its name. */
export const COMMANDS: Record<string, Command> = {
  dev,
  preview,
  new: create,
  reset,
  seed: addDemoData,
  url,
  studio,
};

/** Throws where a command would touch production, or somebody else's database without a `--yes`. */
function confirm(script: string, url: string, args: string[]): void {
  if (process.env.NODE_ENV === "production")
    throw problem(`${script} does not run with NODE_ENV=production.`);
  if (isLocal(url) || args.includes("--yes")) return;
  throw problem(`${script} would change the database at ${hostOf(url)}. Add -- --yes if you mean it.`);
}
