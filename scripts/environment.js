// @ts-check
import { join } from "node:path";
import nextEnv from "@next/env";

/** The checkout, or what a build has put together to run without one. */
export const ROOT = join(import.meta.dirname, "..");

// What Next starts with. It reads the .env files for itself, and again when they change.
const forNext = { ...process.env };

/**
 * Reads the .env files that Next reads in that mode. What is set already stays. Gives the names of those that exist.
 * @param {"development" | "production"} mode
 * @returns {string[]}
 */
export function loadEnvFiles(mode) {
  Object.assign(process.env, { NODE_ENV: mode });
  const logger = { info: () => {}, error: console.error };
  const { loadedEnvFiles } = nextEnv.loadEnvConfig(ROOT, mode === "development", logger);
  return loadedEnvFiles.map(({ path }) => path);
}

/**
 * Settles variables for this process and for Next, whatever the .env files say.
 * @param {Record<string, string>} variables
 */
export function settle(variables) {
  Object.assign(process.env, variables);
  Object.assign(forNext, variables);
}

/**
 * As `settle`, where the person has not set them. Empty counts as unset, as in a copy of `.env.example`.
 * @param {Record<string, string>} defaults
 */
export function settleDefaults(defaults) {
  for (const [name, value] of Object.entries(defaults)) settle({ [name]: process.env[name] || value });
}

/**
 * The environment for Next.
 * @returns {NodeJS.ProcessEnv}
 */
export function nextEnvironment() {
  return forNext;
}
