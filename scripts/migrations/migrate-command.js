// @ts-check
import { databaseUrlProblem, ignoredOf } from "../../lib/database/url.js";
import { problem } from "../problem.js";
import { compileTypeScript } from "../tsx.js";
import { applyMigrations, settleFailure } from "./migrate.js";

/**
 * `npm run db:migrate`: applies what the database has not seen. With `--rolled-back <name>` it first notes that what a
 * failed migration left behind is cleared away.
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function migrate(args) {
  const { DATABASE_URL, NODE_ENV } = process.env;
  if (DATABASE_URL) return migrateDatabase(DATABASE_URL, args);
  if (NODE_ENV === "production") throw problem("DATABASE_URL is missing.");
  await compileTypeScript();
  const { withDatabase } = await import("../development/development.ts");
  return withDatabase((url) => migrateDatabase(url, args));
}

/**
 * @param {string} url
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function migrateDatabase(url, [flag, name]) {
  const wrong = databaseUrlProblem(url);
  if (wrong) throw problem(`DATABASE_URL ${wrong}`);
  if (flag !== undefined && (flag !== "--rolled-back" || !name))
    throw problem("db:migrate takes nothing, or --rolled-back and the name of a migration that failed.");
  const ignored = ignoredOf(url);
  if (ignored.length > 0) console.log(`Parameters of DATABASE_URL without effect: ${ignored.join(", ")}.`);
  if (name) await settleFailure(url, name);
  const names = await applyMigrations(url, { tell: console.log });
  console.log(names.length === 0 ? "Nothing to apply." : names.map((each) => `Applied ${each}.`).join("\n"));
  return 0;
}
