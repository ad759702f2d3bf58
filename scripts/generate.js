// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

// After every `npm ci`: writes the Prisma client. Where the development dependencies are left out, Prisma is not there,
// and the client is already part of the build.

// Not from environment.js: this runs before there is more than package.json, the schema and this file.
const ROOT = join(import.meta.dirname, "..");
const PRISMA = join(ROOT, "node_modules", "prisma", "build", "index.js");

if (existsSync(PRISMA)) {
  const { status } = spawnSync(process.execPath, [PRISMA, "generate"], { cwd: ROOT, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
