import { join } from "node:path";
import nextEnv from "@next/env";

/** The checkout. */
export const ROOT = join(import.meta.dirname, "..");

// What Next starts with. It reads the .env files for itself, and again when they change.
const forNext = { ...process.env };

/** Reads the .env files that Next reads in that mode. What is set already stays. */
export function loadEnvFiles(mode: "development" | "production"): void {
  Object.assign(process.env, { NODE_ENV: mode });
  nextEnv.loadEnvConfig(ROOT, mode === "development", { info: () => {}, error: console.error });
}

/** Settles variables for this process and for Next, whatever the .env files say. */
export function settle(variables: Record<string, string>): void {
  Object.assign(process.env, variables);
  Object.assign(forNext, variables);
}

/** As `settle`, where the person has not set them. Empty counts as unset, as in a copy of `.env.example`. */
export function settleDefaults(defaults: Record<string, string>): void {
  for (const [name, value] of Object.entries(defaults)) settle({ [name]: process.env[name] || value });
}

/** The environment for Next. */
export function nextEnvironment(): NodeJS.ProcessEnv {
  return forNext;
}
