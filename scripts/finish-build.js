// @ts-check
import { existsSync } from "node:fs";
import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

// The second half of `npm run build`. Next has put together what it needs of node_modules; what it leaves to the person
// is added here, so that .next/standalone is all that a server, or an image, needs.

const ROOT = join(import.meta.dirname, "..");
const STANDALONE = join(ROOT, ".next", "standalone");

// Next copies these when it finds them. Secrets belong to the place where the server runs, not to the build.
for (const name of await readdir(STANDALONE)) {
  if (name.startsWith(".env")) await rm(join(STANDALONE, name));
}

const copy = (/** @type {string} */ path, /** @type {(path: string) => boolean} */ filter = () => true) =>
  cp(join(ROOT, path), join(STANDALONE, path), { recursive: true, force: true, filter });

// TypeScript serves development only; two folders hold nothing else.
const DEVELOPMENT = ["development", "postgres"].map((room) => join(ROOT, "scripts", room));
await copy("scripts", (path) => !path.endsWith(".ts") && !DEVELOPMENT.includes(path));
await copy(join("lib", "database"), (path) => !path.endsWith(".ts"));
await copy(join("prisma", "migrations"));
await copy(join(".next", "static"));

// Where somebody has deleted the verifier, there is nothing to bundle.
if (existsSync(join(ROOT, "lib", "verifier"))) await import("./bundle-verifier.js");
