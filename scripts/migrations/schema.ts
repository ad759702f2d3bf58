import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MigrationList } from "@prisma/schema-engine-wasm";
import { withConnection } from "../database";
import { ROOT } from "../environment";
import { codeOf, problem } from "../problem";
import { applyMigrations, withMigrationLock } from "./migrate";
import { withSchemaEngine } from "./schema-engine";

// What development needs beyond applying migrations: writing them, with Prisma's engine, and starting over.

const MIGRATIONS = join(ROOT, "prisma", "migrations");
const SCHEMA = join(ROOT, "prisma", "schema.prisma");
const NO_CHANGE = 0;
const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** Writes the migration from `prisma/migrations` to `schema.prisma`. Returns its name, or null if there is no change. */
export async function createMigration(url: string, name: string): Promise<string | null> {
  const migrationName = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .slice(0, 60);
  if (!migrationName) throw problem("A migration needs a name, such as add_avatar.");

  const files = [{ path: SCHEMA, content: await readFile(SCHEMA, "utf8") }];
  const from = { tag: "migrations" as const, ...(await readMigrations()) };
  const to = { tag: "schemaDatamodel" as const, files };
  const { exitCode, stdout } = await withSchemaEngine(url, files, (engine) =>
    engine.diff({ from, to, script: true, exitCode: true, filters: NO_FILTERS }),
  );
  if (exitCode === NO_CHANGE || !stdout) return null;

  const timestamp = new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const folder = `${timestamp}_${migrationName}`;
  await mkdir(join(MIGRATIONS, folder));
  await writeFile(join(MIGRATIONS, folder, "migration.sql"), stdout);
  return folder;
}

/** Empties the database, all data included, and applies every migration. */
export async function resetDatabase(url: string, tell: (line: string) => void): Promise<string[]> {
  await withConnection(url, (client) =>
    withMigrationLock(client, tell, () =>
      client.query("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public"),
    ),
  );
  return applyMigrations(url, { tell });
}

async function readMigrations(): Promise<MigrationList> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir: MIGRATIONS,
    lockfile: {
      path: "migration_lock.toml",
      content: await readOptional(join(MIGRATIONS, "migration_lock.toml")),
    },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(names.sort().map(readMigration)),
  };
}

async function readMigration(name: string): Promise<MigrationList["migrationDirectories"][number]> {
  const value = await readFile(join(MIGRATIONS, name, "migration.sql"), "utf8");
  return { path: name, migrationFile: { path: "migration.sql", content: { tag: "ok", value } } };
}

async function readOptional(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
}
