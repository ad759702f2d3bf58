import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./server";

// The same app without proxy.ts, as if it had been forgotten or bypassed: a copy of the build without it.

/** Where a build says what stands in front of its pages. */
const MANIFEST = join(".next", "server", "functions-config-manifest.json");
const PROXY = "/_middleware";

/** Copies the build of the checkout and takes the proxy out of it. Gives the folder of the copy. */
export async function copyWithoutProxy(): Promise<string> {
  const folder = join(ROOT, ".data", "without-proxy");
  await rm(folder, { recursive: true, force: true });
  await cp(join(ROOT, ".next", "standalone"), folder, { recursive: true, verbatimSymlinks: true });

  const manifest = JSON.parse(await readFile(join(folder, MANIFEST), "utf8"));
  if (!(PROXY in manifest.functions)) throw new Error("The build does not name its proxy where it used to.");
  delete manifest.functions[PROXY];
  await writeFile(join(folder, MANIFEST), JSON.stringify(manifest));
  return folder;
}
