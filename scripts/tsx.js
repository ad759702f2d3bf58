// @ts-check
import { codeOf, problem } from "./problem.js";

// tsx keeps what it has compiled in /tmp and runs it again whoever put it there: another account of this machine could
// have its code run as ours. So it compiles everything each time, and only in development.
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
