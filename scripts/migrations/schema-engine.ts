import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";
import { problem } from "../problem";
import { adapterFactory } from "./schema-engine-adapter";

// Prisma's schema engine as WebAssembly: the same migrations as `prisma migrate`, without downloading an engine.

/** Runs `work` with a schema engine for a database. `schema` is needed where the database is compared with it. */
export async function withSchemaEngine<T>(
  url: string,
  schema: { path: string; content: string }[] | undefined,
  work: (engine: glue.SchemaEngine) => Promise<T>,
): Promise<T> {
  await loadEngine();
  const cleanups: (() => Promise<unknown>)[] = [];
  const adapter = bindMigrationAwareSqlAdapterFactory(adapterFactory(url, cleanups));
  const datamodels = schema?.map(({ path, content }): [string, string] => [path, content]);
  const engine = await glue.SchemaEngine.new({ datamodels }, () => {}, adapter);
  try {
    return await work(engine);
  } catch (error) {
    throw problem(explain(error), error);
  } finally {
    engine.free();
    // The engine leaves connections open, and with them Prisma's advisory lock.
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** The engine's message without its stack, as one line. */
function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [text = ""] = message.split(/\n +0: /);
  const line = text
    .replace("external connector error", "")
    .replaceAll(/\s*\n\s*/g, " ")
    .trim();
  const [, migration] = /migration_name="([^"]+)"/.exec(message) ?? [];
  return migration ? `The migration ${migration} failed. ${line}` : line;
}

// The engine reports here that it panicked. It will not answer any more.
Object.assign(globalThis, {
  PRISMA_WASM_PANIC_REGISTRY: {
    set_message: (message: string) => {
      throw problem(`Prisma's schema engine failed: ${message}`);
    },
  },
});

let loading: Promise<void> | undefined;

function loadEngine(): Promise<void> {
  loading ??= (async () => {
    const folder = join(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"), "..");
    const bytes = await readFile(join(folder, "schema_engine_bg.wasm"));
    const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": imports() });
    glue.__wbg_set_wasm(instance.exports);
    const start = instance.exports.__wbindgen_start;
    if (typeof start === "function") start();
  })();
  return loading;
}

/** The engine's JavaScript half, as it is but for the timers: the engine forgets one of 10 s, which we would wait for. */
function imports(): WebAssembly.ModuleImports {
  const setTimer = (callback: () => void, delay: number) => setTimeout(callback, delay).unref();
  const isTimer = (name: string) => name.startsWith("__wbg_setTimeout_");
  return Object.fromEntries(
    Object.entries(glue).map(([name, value]) => [name, isTimer(name) ? setTimer : value]),
  );
}
