// @ts-check
import { admin } from "./admin-command.js";
import { loadEnvFiles } from "./environment.js";
import { migrate } from "./migrations/migrate-command.js";
import { codeOf, problem, reasonOf } from "./problem.js";
import { secrets } from "./secrets/secrets-command.js";
import { start } from "./start.js";
import { compileTypeScript } from "./tsx.js";
import { verifier } from "./verifier.js";

// The launcher behind the scripts in package.json: node scripts/run.js <command>. What production needs is plain
// JavaScript; the rest is compiled as it is loaded, and needs the development dependencies.

/** @typedef {(args: string[]) => Promise<number | undefined>} Command gives the exit code, or nothing while it serves. */

/** @type {Record<string, Command>} */
const PRODUCTION = { verifier, start, migrate, secrets, admin };
const DEVELOPMENT = ["dev", "preview", "new", "reset", "seed", "url", "studio"];
const KNOWN = [...Object.keys(PRODUCTION), ...DEVELOPMENT];

/**
 * @param {string} name
 * @returns {Promise<Command | undefined>}
 */
async function find(name) {
  if (!DEVELOPMENT.includes(name)) return Object.hasOwn(PRODUCTION, name) ? PRODUCTION[name] : undefined;
  await compileTypeScript();
  return (await import("./commands.ts")).COMMANDS[name];
}

/**
 * A preview reads the .env files of development, too: those of production may name the production database.
 * @param {string} name
 * @returns {"development" | "production"}
 */
function modeOf(name) {
  if (name === "start" || name === "verifier") return "production";
  if (name === "dev" || name === "preview") return "development";
  return process.env.NODE_ENV === "production" ? "production" : "development";
}

/**
 * @param {string} name
 * @param {string[]} args
 */
async function run(name, args) {
  loadEnvFiles(modeOf(name));
  const command = await find(name);
  if (!command) throw problem(`There is no command ${JSON.stringify(name)}. There are ${KNOWN.join(", ")}.`);
  const code = await command(args);
  if (code !== undefined) process.exitCode = code;
}

try {
  const [name = "", ...args] = process.argv.slice(2);
  await run(name, args);
} catch (error) {
  // A problem that people can fix needs a sentence; only our own mistakes need a stack.
  if (error instanceof Error && error.name === "Problem") console.error(error.message);
  else console.error(codeOf(error) ? reasonOf(error) : error);
  process.exitCode = 1;
}
