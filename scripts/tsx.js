// @ts-check
import { codeOf, problem } from "./problem.js";

// tsx caches compiled code in /tmp and trusts what it finds there: another account of this machine could have its code run
// as ours. So the cache is off. tsx runs in development only.
process.env.TSX_DISABLE_CACHE = "1";

/**
 * From now on TypeScript can be imported.
 * @returns {Promise<void>}
 */
export async function compileTypeScript() {
  try {
    (await import("tsx/esm/api")).register();
  } catch (error) {
    if (codeOf(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    throw problem("This command needs the development dependencies: `npm ci`.", error);
  }
}
