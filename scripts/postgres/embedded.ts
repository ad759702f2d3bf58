import { createHash, randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withConnection } from "../database";
import { isAlive, livingMarks, newMark, withLock } from "../development/processes";
import { problem, reasonOf } from "../problem";
import { readOrCreate } from "../secrets/private-file";
import { initialize, makeFolder, runningPort, type Server, start, stop } from "./embedded-server";
import { findBinaries, ROOT_FOLDER, runsAsRoot } from "./postgres-binaries";

/** A running PostgreSQL. */
export type Embedded = {
  url: string;
  /** Gives it up. The last process of the checkout to do so stops the server. */
  stop(): Promise<void>;
};

const ROOT = join(import.meta.dirname, "..", "..");
const NAME = "latchkey";
const THROWAWAY = "latchkey-tests-";

const DEVELOPMENT = { max_connections: 100 };

// Nothing outlives the tests, so nothing has to reach the disk.
const TESTS = {
  max_connections: 300,
  fsync: "off",
  full_page_writes: "off",
  shared_preload_libraries: "pg_stat_statements",
};

/**
 * The development database of this checkout: started if it is not running, shared by all processes that ask for it.
 * Throws one sentence that names DATABASE_URL where PostgreSQL cannot run.
 */
export async function startEmbedded(): Promise<Embedded> {
  return explained(async () => {
    const binaries = await findBinaries(join(ROOT, ".data"));
    const server = { binaries, folder: await developmentFolder(), settings: DEVELOPMENT };
    await makeFolder(binaries, server.folder);
    return joinServer(server);
  });
}

/** A database of its own for tests, empty, removed by `stop`. It survives no power cut, unless `settings` say so. */
export async function startThrowaway(settings: Server["settings"] = {}): Promise<Embedded> {
  return explained(async () => {
    const binaries = await findBinaries(join(ROOT, ".data"));
    const parent = runsAsRoot() ? ROOT_FOLDER : tmpdir();
    const folder = join(parent, `${THROWAWAY}${newMark()}`);
    const server = { binaries, folder, settings: { ...TESTS, ...settings } };
    await removeAbandoned(server, parent);
    await makeFolder(binaries, folder);
    const embedded = await joinServer(server);
    const remove = async () => {
      await embedded.stop();
      await rm(folder, { recursive: true, force: true });
    };
    return { url: embedded.url, stop: remove };
  });
}

async function developmentFolder(): Promise<string> {
  const usual = join(ROOT, ".data", "postgres");
  if (!runsAsRoot()) return usual;
  // The folder lies outside the checkout, so its name holds what is in the checkout and what is not copied with it:
  // a new clone at the same path starts afresh, and a copy does not share the data of the original.
  const id = await readOrCreate(join(ROOT, ".data", "postgres-id"), async () =>
    randomBytes(16).toString("hex"),
  );
  const hash = createHash("sha256")
    .update(`${await realpath(ROOT)}\n${id}`)
    .digest("hex");
  return join(ROOT_FOLDER, `data-${hash.slice(0, 16)}`);
}

async function joinServer(server: Server): Promise<Embedded> {
  const users = join(server.folder, "users");
  const lock = join(server.folder, "lock");
  const mark = join(users, newMark());
  const password = await readOrCreate(join(server.folder, "password"), async () =>
    randomBytes(24).toString("hex"),
  );
  await mkdir(users, { recursive: true, mode: 0o700 });

  const leave = () =>
    withLock(lock, async () => {
      await rm(mark, { force: true });
      const lastOut = (await livingMarks(users)).length === 0;
      if (lastOut && (await runningPort(server))) await stop(server);
    });

  const enter = async () => {
    await writeFile(mark, "");
    await initialize(server, NAME, password);
    return (await runningUrl(server, password)) ?? (await databaseUrl(await start(server), password));
  };

  try {
    return { url: await withLock(lock, enter), stop: leave };
  } catch (error) {
    await rm(mark, { force: true });
    throw error;
  }
}

async function runningUrl(server: Server, password: string): Promise<string | undefined> {
  const port = await runningPort(server);
  return port ? databaseUrl(port, password) : undefined;
}

/** The URL of our database on that port, which is made if need be. */
async function databaseUrl(port: number, password: string): Promise<string> {
  const server = `postgresql://${NAME}:${password}@127.0.0.1:${port}`;
  await withConnection(`${server}/postgres`, async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [NAME]);
    if (!rowCount) await client.query(`CREATE DATABASE ${NAME}`);
  });
  return `${server}/${NAME}`;
}

/** Killed test runs leave their servers behind. */
async function removeAbandoned({ binaries, settings }: Server, parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(THROWAWAY) || isAlive(name.slice(THROWAWAY.length))) continue;
    const folder = join(parent, name);
    // In a folder that everybody may write to, another user's pid file must not make us stop a process of ours.
    const owner = await lstat(folder).then(
      ({ uid }) => uid,
      () => undefined,
    );
    if (owner !== process.getuid?.()) continue;
    await stop({ binaries, folder, settings }).catch(() => {});
    // Another process may do the same at the same time.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const advice = "Set DATABASE_URL to a PostgreSQL database of your own.";
    throw problem(
      `The embedded PostgreSQL cannot run here: ${reasonOf(error).replace(/\.$/, "")}. ${advice}`,
      error,
    );
  }
}
