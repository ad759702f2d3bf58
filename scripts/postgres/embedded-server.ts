import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { commandOf, exists, newMark, removeDrafts } from "../development/processes";
import { problem } from "../problem";
import { type Binaries, runProgram } from "./postgres-binaries";

/** One server: its programs, its folder, and how it is set up. */
export type Server = {
  binaries: Binaries;
  /** Ours. Below it, `data` belongs to the account that runs the server. */
  folder: string;
  settings: Record<string, string | number>;
};

const ALWAYS = {
  listen_addresses: "127.0.0.1",
  // A socket's path may have 107 bytes, which a checkout's path easily exceeds.
  unix_socket_directories: "",
  timezone: "UTC",
  log_timezone: "UTC",
};

/** Makes the folder, which only we may write to. */
export async function makeFolder(binaries: Binaries, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Another account must pass through to its own `data`, and cannot list what else is here.
  await chmod(folder, binaries.account ? 0o711 : 0o700);
}

/** Makes an empty cluster, unless there is one. */
export async function initialize(
  { binaries, folder }: Server,
  user: string,
  password: string,
): Promise<void> {
  await removeDrafts(folder);
  const data = join(folder, "data");
  if (await isThere(data)) return;

  // Created under another name, then renamed: a killed initdb leaves nothing that looks like a cluster.
  const draft = join(folder, `data.${newMark()}`);
  const passwordFile = join(folder, `password.${newMark()}`);
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    await giveTo(binaries, draft);
    await giveTo(binaries, passwordFile);
    const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const access = [`--username=${user}`, `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
    await runProgram(binaries, "initdb", [`--pgdata=${draft}`, ...access, ...locale], folder);
    await rename(draft, data);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** Starts the server and returns its port. It outlives us, and a Ctrl-C in our terminal does not reach it. */
export async function start(server: Server): Promise<number> {
  const { binaries, folder, settings } = server;
  const data = join(folder, "data");
  const log = join(folder, "server.log");
  // Its process is gone, or start() would not have been called; PostgreSQL is more careful and might refuse to start.
  await rm(join(data, "postmaster.pid"), { force: true });

  // The same port as last time, if possible, for the apps that still run and for people's database tools.
  const lastPort = Number(await readFile(join(folder, "port"), "utf8").catch(() => 0));

  // Another program may take the port first, or the backends of a killed server may take a moment to leave.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(attempt === 1 ? lastPort : 0);
    const options = Object.entries({ ...ALWAYS, ...settings, port }).map(
      ([name, value]) => `-c ${name}=${value}`,
    );
    await writeFile(log, "", { mode: 0o600 });
    await giveTo(binaries, log);
    const args = ["start", "-w", "-t", "60", "-D", data, "-l", log, "-o", options.join(" ")];
    try {
      await runProgram(binaries, "pg_ctl", args, folder);
      await writeFile(join(folder, "port"), String(port));
      return port;
    } catch (error) {
      if (attempt === 5)
        throw problem(`PostgreSQL does not start: ${await lastComplaint(log)} (${log})`, error);
      await new Promise((resolve) => setTimeout(resolve, 300 * attempt));
    }
  }
}

/** Stops the server after its running transactions are rolled back and everything is on disk. */
export async function stop({ binaries, folder }: Server): Promise<void> {
  await runProgram(
    binaries,
    "pg_ctl",
    ["stop", "-m", "fast", "-w", "-t", "60", "-D", join(folder, "data")],
    folder,
  );
}

/** The port of the running server. */
export async function runningPort({ folder }: Server): Promise<number | undefined> {
  const data = join(folder, "data");
  const [pid, , , port] = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  return pid && serves(Number(pid), data) ? Number(port) || undefined : undefined;
}

/** Whether that process is the server of that data. After a crash its pid may belong to any other program. */
function serves(pid: number, data: string): boolean {
  return process.platform === "win32" ? exists(pid) : commandOf(pid).includes(data);
}

async function giveTo({ account }: Binaries, path: string): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** `wanted` if nobody listens there, else any port. */
function freePort(wanted: number): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.on("error", (error) => (wanted ? resolve(freePort(0)) : reject(error)));
    probe.listen(wanted, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(address && typeof address === "object" ? address.port : wanted));
    });
  });
}

async function lastComplaint(log: string): Promise<string> {
  const lines = (await readFile(log, "utf8")).split("\n");
  const complaint = lines.findLast((line) => /(FATAL|PANIC|ERROR|error while loading)/.test(line));
  return complaint?.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, "") ?? "its log says nothing";
}
