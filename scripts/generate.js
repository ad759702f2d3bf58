// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

// Writes the Prisma client: after every `npm ci`, and, with --if-stale, where schema.prisma has changed since. Where the
// development dependencies are left out, Prisma is not there, and the client is already part of the build.

// Not from environment.js: in an image, this runs when only package.json, the schema and this file are there.
const ROOT = join(import.meta.dirname, "..");
const PRISMA = join(ROOT, "node_modules", "prisma", "build", "index.js");
const SCHEMA = join(ROOT, "prisma", "schema.prisma");
// Written with every generation, like the rest of the client.
const CLIENT = join(ROOT, "prisma", "client", "client.ts");

const changedAt = (/** @type {string} */ path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const wanted = !process.argv.includes("--if-stale") || changedAt(SCHEMA) >= changedAt(CLIENT);

if (wanted && existsSync(PRISMA)) {
  const { status } = spawnSync(process.execPath, [PRISMA, "generate"], { cwd: ROOT, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
