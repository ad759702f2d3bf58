// @ts-check
import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

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

// What is TypeScript serves development only; two rooms hold nothing else.
const DEVELOPMENT = ["development", "postgres"].map((room) => join(ROOT, "scripts", room));
await copy("scripts", (path) => !path.endsWith(".ts") && !DEVELOPMENT.includes(path));
await copy(join("lib", "database"), (path) => !path.endsWith(".ts"));
await copy(join("prisma", "migrations"));
await copy(join(".next", "static"));

// The verifier is one file: it takes nothing of Next, and little of node_modules.
await build({
  entryPoints: [join(ROOT, "lib", "verifier", "main.ts")],
  outfile: join(STANDALONE, "verifier.mjs"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  conditions: ["react-server"],
  // What Next has put there for the app serves both.
  external: ["@prisma/client/runtime/*", "pg", "prom-client"],
  // Packages that are CommonJS ask for Node's modules by `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
