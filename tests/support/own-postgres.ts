import { execFileSync } from "node:child_process";
import { withConnection } from "@/scripts/database";
import { applyMigrations } from "@/scripts/migrate";
import { startThrowaway } from "@/scripts/postgres/embedded";

/** A PostgreSQL that one test file has for itself, so that it may be paused. */
export type OwnPostgres = {
  /** A migrated, empty database in it. */
  url: string;
  /** Stops every process of it where it stands. */
  pause(): void;
  /** Lets them go on. */
  resume(): void;
  stop(): Promise<void>;
};

/** Starts one. `setUp` comes before the migrations. */
export async function startOwnPostgres(
  setUp: (url: string) => Promise<void> = async () => {},
): Promise<OwnPostgres> {
  const throwaway = await startThrowaway();
  try {
    await setUp(throwaway.url);
    await applyMigrations(throwaway.url);
    const main = await mainProcess(throwaway.url);
    const resume = () => signal([...childrenOf(main), main], "SIGCONT");
    return {
      url: throwaway.url,
      pause() {
        // First the one that starts the others.
        signal([main], "SIGSTOP");
        signal(childrenOf(main), "SIGSTOP");
      },
      resume,
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
