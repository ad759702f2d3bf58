import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./server";

// The same app without proxy.ts, as if it had been forgotten or passed by: a copy of the build that does not know of it.

/** Where a build says what stands in front of its pages. */
const MANIFEST = join(".next", "server", "functions-config-manifest.json");
const PROXY = "/_middleware";

/** Copies the build of the checkout and takes the proxy out of it. Gives the folder of the copy. */
export async function copyWithoutProxy(): Promise<string> {
  const folder = join(ROOT, ".data", "without-proxy");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  const cache = join(ROOT, ".next", "cache");
  for (const each of [".next", "next.config.js", "package.json"]) {
    await cp(join(ROOT, each), join(folder, each), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => source !== cache,
    });
  }

  const manifest = JSON.parse(await readFile(join(folder, MANIFEST), "utf8"));
  if (!(PROXY in manifest.functions)) throw new Error("The build does not name its proxy where it used to.");
  delete manifest.functions[PROXY];
  await writeFile(join(folder, MANIFEST), JSON.stringify(manifest));
  return folder;
}
