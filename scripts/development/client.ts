import { spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../environment";
import { problem, reasonOf } from "../problem";

// The Prisma client is generated from schema.prisma: when the schema changes, so must the client.

const GENERATE = join(ROOT, "scripts", "generate.js");
const SCHEMA = "schema.prisma";

// Editors write a file in several steps.
const PAUSE = 100;

/** Regenerates the Prisma client. */
export function generateClient(): Promise<void> {
  return generate([]);
}

/** Regenerates the Prisma client if it is missing, or older than schema.prisma. */
export function updateClient(): Promise<void> {
  return generate(["--if-stale"]);
}

async function generate(args: string[]): Promise<void> {
  // Only we react to a Ctrl-C in our terminal, so that the client is always written completely.
  const child = spawn(process.execPath, [GENERATE, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    detached: process.platform !== "win32",
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw problem("The Prisma client could not be written. The reason stands above.");
}

/** Calls `changed` after each change of schema.prisma in that folder, never twice at once, until it is closed. */
export function watchSchema(folder: string, changed: () => Promise<void>): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  let last = Promise.resolve();
  // Not the file: many editors replace it.
  const watcher = watch(folder, (_, name) => {
    if (name !== SCHEMA) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(changed).catch((error) => console.error(reasonOf(error)));
    }, PAUSE);
  });
  // Where no more files can be watched, the rest of `npm run dev` goes on.
  watcher.on("error", (error) => console.error(`${SCHEMA} is not watched any more: ${error.message}`));
  return {
    close: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
