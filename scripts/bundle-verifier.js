// @ts-check
import { join } from "node:path";
import { build } from "esbuild";

// The last part of `npm run build`: the verifier as one file, beside what Next has put together for the app.

const ROOT = join(import.meta.dirname, "..");

await build({
  entryPoints: [join(ROOT, "lib", "verifier", "main.ts")],
  outfile: join(ROOT, ".next", "standalone", "verifier.mjs"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  minifyWhitespace: true,
  minifySyntax: true,
  conditions: ["react-server"],
  // What Next has put there for the app serves both.
  external: ["@prisma/client/runtime/*", "pg", "prom-client"],
  // Packages that are CommonJS ask for Node's modules by `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
