// @ts-check
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, settle } from "./environment.js";
import { everyAddress, isFree, wantedPort } from "./ports.js";
import { problem } from "./problem.js";

// What a build puts together stands beside this file in an image, and below .next in a checkout.
export const BUILT_IN = [ROOT, join(ROOT, ".next", "standalone")];

const WATCH = 500;

/**
 * `npm start`: serves the production build in this process, and nothing else. The settings are checked by the app itself
 * (lib/server.ts), before the first request.
 * @returns {Promise<undefined>}
 */
export async function start() {
  const folder = BUILT_IN.find((place) => existsSync(join(place, "server.js")));
  if (!folder) throw problem("There is no build to serve. Run `npm run build` first.");
  const port = wantedPort(process.env.PORT);
  const { HOSTNAME } = process.env;
  const host = HOSTNAME || (await everyAddress());
  if (!(await isFree(port, HOSTNAME ? [HOSTNAME] : undefined)))
    throw problem(`Port ${port} is taken. Set PORT to a free one.`);

  endWithShell();
  settle({ NODE_ENV: "production", PORT: String(port), HOSTNAME: host });
  await import(pathToFileURL(join(folder, "server.js")).href);
}

/** npm sends its signals to a shell between us, and many a shell dies of them without a word to us. */
export function endWithShell() {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, WATCH);
  watch.unref();
}
