// @ts-check
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { everyAddress } from "./ports.js";
import { problem } from "./problem.js";
import { BUILT_IN, endWithShell } from "./start.js";

/**
 * `npm run verifier`: serves the gate over plain HTTP, beside the app. The settings are the app's.
 * @returns {Promise<undefined>}
 */
export async function verifier() {
  const bundle = BUILT_IN.map((place) => join(place, "verifier.mjs")).find((path) => existsSync(path));
  if (!bundle) throw problem("There is no build to serve. Run `npm run build` first.");
  endWithShell();
  const { startVerifier } = await import(pathToFileURL(bundle).href);
  await startVerifier(process.env.HOSTNAME || (await everyAddress()));
}
