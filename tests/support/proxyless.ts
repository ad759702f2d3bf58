import { spawnSync } from "node:child_process";
import { cp, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NEXT, plainEnvironment, ROOT } from "./server";

// The same app without proxy.ts, as if it had been forgotten or passed by: a copy, built on its own.

const SOURCES = [
  "app",
  "lib",
  "prisma",
  "instrumentation.ts",
  "next.config.js",
  "package.json",
  "tsconfig.json",
];

// The build of the checkout has checked the types of the same files.
const CONFIG = `import usual from "./usual.config.js";
export default { ...usual, typescript: { ignoreBuildErrors: true } };
`;

/** Builds it, unless its build is newer than that of the checkout. Gives its folder. */
export async function buildWithoutProxy(): Promise<string> {
  // Below the checkout, so that it finds node_modules; behind a dot, so that no tool takes it for source.
  const folder = join(ROOT, ".data", "without-proxy");
  if ((await builtAt(folder)) > (await builtAt(ROOT))) return folder;

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const source of SOURCES) await cp(join(ROOT, source), join(folder, source), { recursive: true });
  await rename(join(folder, "next.config.js"), join(folder, "usual.config.js"));
  await writeFile(join(folder, "next.config.js"), CONFIG);
  const { status, stdout, stderr } = spawnSync(process.execPath, [NEXT, "build"], {
    cwd: folder,
    env: plainEnvironment(),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The app does not build without its proxy:\n${stdout}\n${stderr}`);
  return folder;
}

async function builtAt(folder: string): Promise<number> {
  return stat(join(folder, ".next", "BUILD_ID")).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
