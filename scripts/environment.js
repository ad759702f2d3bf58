// @ts-check
import { statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import nextEnv from "@next/env";

/** The checkout, or what a build has put together to run without one. */
export const ROOT = join(import.meta.dirname, "..");

// Shells and containers set HOSTNAME to the machine's name, which is not a request to listen on it. We drop it, so that a
// HOSTNAME in a .env file counts.
if (process.env.HOSTNAME && shortName(process.env.HOSTNAME) === shortName(hostname()))
  delete process.env.HOSTNAME;

// What Next starts with. It reads the .env files for itself, and again when they change.
const forNext = { ...process.env };

/**
 * Reads the .env files that Next reads in that mode. What is set already stays.
 * @param {"development" | "production"} mode
 */
export function loadEnvFiles(mode) {
  Object.assign(process.env, { NODE_ENV: mode });
  const logger = { info: () => {}, error: console.error };
  const { loadedEnvFiles } = nextEnv.loadEnvConfig(ROOT, mode === "development", logger);
  if (mode === "production") for (const { path } of loadedEnvFiles) warnOfReaders(path);
}

/**
 * @param {string} path
 */
function warnOfReaders(path) {
  if (process.platform === "win32" || (statSync(join(ROOT, path)).mode & 0o044) === 0) return;
  console.error(`${path} can be read by other accounts of this machine. \`chmod 600 ${path}\` mends that.`);
}

/**
 * @param {string} name
 * @returns {string}
 */
function shortName(name) {
  return name.toLowerCase().split(".")[0] ?? "";
}

/**
 * Sets variables for this process and for Next, over those of the .env files.
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
