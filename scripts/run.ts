import { isLocal } from "./database";
import { prepareApp, seed, withDatabase } from "./development";
import { loadEnvFiles } from "./environment";
import { applyMigrations, createMigration, resetDatabase } from "./migrate";
import { codeOf, problem, reasonOf } from "./problem";
import { freshSecrets } from "./secrets";
import { dev, preview, start } from "./serve";

// The launcher behind the scripts in package.json: tsx scripts/run.ts <command>.

const [command = "", ...args] = process.argv.slice(2);

async function migrate(): Promise<number> {
  return withDatabase(async (url) => report(await applyMigrations(url)));
}

async function create(): Promise<number> {
  return withDatabase(async (url) => {
    const name = await createMigration(url, args.join(" "));
    if (!name) console.log("The migrations already lead to schema.prisma: nothing to write.");
    else console.log(`Wrote prisma/migrations/${name}/migration.sql. Read it, then \`npm run db:migrate\`.`);
    return 0;
  });
}

async function reset(): Promise<number> {
  return withDatabase(async (url) => {
    confirm("db:reset", url);
    return report(await resetDatabase(url));
  });
}

async function addDemoData(): Promise<number> {
  return withDatabase(async (url) => {
    confirm("db:seed", url);
    await prepareApp(url, "http://localhost:3000");
    await seed(url);
    return 0;
  });
}

async function printSecrets(): Promise<number> {
  // Single quotes keep JSON whole in a .env file and in a shell.
  for (const [name, value] of Object.entries(await freshSecrets())) console.log(`${name}='${value}'`);
  return 0;
}

const COMMANDS: Record<string, () => Promise<number>> = {
  dev,
  preview,
  start,
  migrate,
  new: create,
  reset,
  seed: addDemoData,
  secrets: printSecrets,
};

/** A preview, too, reads the files for development: those for production may name the production database. */
function modeOf(name: string): "development" | "production" {
  if (name === "start") return "production";
  if (name === "dev" || name === "preview") return "development";
  return process.env.NODE_ENV === "production" ? "production" : "development";
}

function report(names: string[]): number {
  console.log(names.length === 0 ? "Nothing to apply." : names.map((name) => `Applied ${name}.`).join("\n"));
  return 0;
}

/** Throws where a command would touch production, or somebody else's database without a `--yes`. */
function confirm(script: string, url: string): void {
  if (process.env.NODE_ENV === "production")
    throw problem(`${script} does not run with NODE_ENV=production.`);
  if (isLocal(url) || args.includes("--yes")) return;
  throw problem(`${script} would change the database at ${new URL(url).host}. Add -- --yes if you mean it.`);
}

try {
  const run = COMMANDS[command];
  loadEnvFiles(modeOf(command));
  if (!run)
    throw problem(
      `There is no command ${JSON.stringify(command)}. There are ${Object.keys(COMMANDS).join(", ")}.`,
    );
  process.exitCode = await run();
} catch (error) {
  // What people can mend needs a sentence; only our own mistakes need a stack.
  const expected = codeOf(error) || (error instanceof Error && error.name === "Problem");
  console.error(expected ? reasonOf(error) : error);
  process.exitCode = 1;
}
