import { hostOf, isLocal } from "./database";
import { prepareApp, seed, withDatabase } from "./development";
import { problem } from "./problem";
import { createMigration, resetDatabase } from "./schema";
import { dev, preview } from "./serve";

// The commands that only development has.

type Command = (args: string[]) => Promise<number>;

const create: Command = (args) =>
  withDatabase(async (url) => {
    const name = await createMigration(url, args.join(" "));
    if (!name) console.log("The migrations already lead to schema.prisma: nothing to write.");
    else console.log(`Wrote prisma/migrations/${name}/migration.sql. Read it, then \`npm run db:migrate\`.`);
    return 0;
  });

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

export const COMMANDS: Record<string, Command> = { dev, preview, new: create, reset, seed: addDemoData };

/** Throws where a command would touch production, or somebody else's database without a `--yes`. */
function confirm(script: string, url: string, args: string[]): void {
  if (process.env.NODE_ENV === "production")
    throw problem(`${script} does not run with NODE_ENV=production.`);
  if (isLocal(url) || args.includes("--yes")) return;
  throw problem(`${script} would change the database at ${hostOf(url)}. Add -- --yes if you mean it.`);
}
