import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { watchSchema } from "@/scripts/development/client";
import { ROOT } from "../support/http/server";

// The Prisma client follows schema.prisma. In a copy, since other tests use the checkout's.

const run = promisify(execFile);
const NEW_TABLE = "\nmodel Widget {\n  id String @id\n}\n";

let folder: string;
let schema: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "latchkey-client-"));
  schema = join(folder, "prisma", "schema.prisma");
  await mkdir(join(folder, "prisma"));
  for (const path of [join("prisma", "schema.prisma"), "prisma.config.ts", "package.json"])
    await cp(join(ROOT, path), join(folder, path));
  await cp(join(ROOT, "scripts", "generate.js"), join(folder, "scripts", "generate.js"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const generate = (...args: string[]) =>
  run(process.execPath, [join(folder, "scripts", "generate.js"), ...args], { cwd: folder });
const client = () => readFile(join(folder, "prisma", "client", "client.ts"), "utf8");

test("--if-stale writes a client that is missing or older than the schema, and no other", async () => {
  await generate("--if-stale");
  expect(await client()).not.toContain("Widget");

  await writeFile(join(folder, "prisma", "client", "client.ts"), "as it was");
  await generate("--if-stale");
  expect(await client()).toBe("as it was");

  await writeFile(schema, (await readFile(schema, "utf8")) + NEW_TABLE);
  const { mtimeMs } = await stat(join(folder, "prisma", "client", "client.ts"));
  await utimes(schema, new Date(), new Date(mtimeMs + 2_000));
  await generate("--if-stale");
  expect(await client()).toContain("export type Widget =");
});

describe("while npm run dev runs", () => {
  const events = new EventEmitter();

  test("a changed schema becomes a client that knows the new table", async () => {
    const watcher = watchSchema(join(folder, "prisma"), async () => {
      await generate();
      events.emit("generated");
    });
    try {
      const generated = once(events, "generated");
      await writeFile(schema, (await readFile(schema, "utf8")) + NEW_TABLE);
      await generated;
      expect(await client()).toContain("export type Widget =");
    } finally {
      watcher.close();
    }
  });

  test("a change is noticed where an editor puts a new file in the old one's place, and after one that failed", async () => {
    let failing = true;
    const watcher = watchSchema(join(folder, "prisma"), async () => {
      events.emit("changed");
      if (failing) throw new Error("not a schema");
    });
    const complain = vi.spyOn(console, "error").mockImplementation(() => {});
    try {
      for (const text of ["one", "two"]) {
        const changed = once(events, "changed");
        await writeFile(`${schema}~`, text);
        await rename(`${schema}~`, schema);
        await changed;
        failing = false;
      }
      expect(complain.mock.calls).toEqual([["not a schema"]]);
    } finally {
      complain.mockRestore();
      watcher.close();
    }
  });
});

test("a build writes a stale client first", async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(scripts.build).toMatch(/^node \S+\/generate\.js --if-stale && next build/);
});
