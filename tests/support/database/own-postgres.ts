import { execFileSync } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withConnection } from "@/scripts/database";
import { newMark } from "@/scripts/development/processes";
import { applyMigrations } from "@/scripts/migrations/migrate";
import { startThrowaway } from "@/scripts/postgres/embedded";
import { type Server, start, stop } from "@/scripts/postgres/embedded-server";
import { findBinaries } from "@/scripts/postgres/postgres-binaries";
import { ROOT } from "../http/server";

/** A PostgreSQL that one test file has for itself, so that it may be paused. */
export type OwnPostgres = {
  /** A migrated, empty database in it. */
  url: string;
  /** Stops every process of it where it stands. */
  pause(): void;
  /** Lets them go on. */
  resume(): void;
  /** Restarts it, from now on without permission to write, or with. */
  restart(permission: "read only" | "read and write"): Promise<void>;
  stop(): Promise<void>;
};

const SETTINGS = { max_connections: 300, fsync: "off", full_page_writes: "off" };

/** Starts one. `setUp` comes before the migrations. */
export async function startOwnPostgres(
  setUp: (url: string) => Promise<void> = async () => {},
): Promise<OwnPostgres> {
  const throwaway = await startThrowaway();
  try {
    const { url } = throwaway;
    await setUp(url);
    await applyMigrations(url);
    let main = await mainProcess(url);
    const resume = () => signal([...childrenOf(main), main], "SIGCONT");
    return {
      url,
      pause() {
        // First the process that starts the others.
        signal([main], "SIGSTOP");
        signal(childrenOf(main), "SIGSTOP");
      },
      resume,
      async restart(permission) {
        const server = await serverOf(url);
        const value = permission === "read only" ? "on" : "off";
        await withConnection(url, (client) =>
          client.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`),
        );
        await stop(server);
        await start(server);
        main = await mainProcess(url);
      },
      async stop() {
        resume();
        await throwaway.stop();
      },
    };
  } catch (error) {
    await throwaway.stop();
    throw error;
  }
}

async function serverOf(url: string): Promise<Server> {
  const { rows } = await withConnection(url, (client) =>
    client.query<{ data_directory: string }>("SHOW data_directory"),
  );
  const folder = dirname(rows[0]?.data_directory ?? "");
  return { binaries: await findBinaries(join(ROOT, ".data")), folder, settings: SETTINGS };
}

/** A copy of a server as it stands at this moment, on a port of its own: a standby that was promoted. */
export async function copyOf(own: OwnPostgres): Promise<{ url: string; stop(): Promise<void> }> {
  const original = await serverOf(own.url);
  const folder = join(dirname(original.folder), `latchkey-tests-${newMark()}`);
  own.pause();
  try {
    await copy(original.folder, folder);
  } finally {
    own.resume();
  }
  const server = { ...original, folder };
  const url = new URL(own.url);
  url.port = String(await start(server));
  return {
    url: url.toString(),
    async stop() {
      await stop(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** With its owners, since PostgreSQL runs under an account of its own where the tests run as root. */
async function copy(from: string, to: string): Promise<void> {
  if (process.getuid?.() === 0) execFileSync("cp", ["-a", from, to]);
  else await cp(from, to, { recursive: true, preserveTimestamps: true });
}

/** The parent of every backend. */
function mainProcess(url: string): Promise<number> {
  return withConnection(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    return processes().find(({ pid }) => pid === rows[0]?.pid)?.parent ?? Number.NaN;
  });
}

const childrenOf = (main: number) =>
  processes()
    .filter(({ parent }) => parent === main)
    .map(({ pid }) => pid);

function processes(): { pid: number; parent: number }[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [pid = Number.NaN, parent = Number.NaN] = line.trim().split(/\s+/).map(Number);
    return { pid, parent };
  });
}

function signal(pids: number[], name: "SIGSTOP" | "SIGCONT"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
}
