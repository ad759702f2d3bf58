import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../support/http/server";
import { apply, copyProject, run, stepsOf } from "./recipe";

// npm run first-hour [-- <file>…]: does docs/extending.md on a copy of the project, checks it, and runs the tests that
// are the cloner's, or those files of them.

const files = process.argv.slice(2);
const GROUPS = ["unit", "integration", "http", "e2e"];

const folder = await mkdtemp(join(tmpdir(), "first-hour-"));
const startedAt = performance.now();
const say = (what: string) =>
  console.log(`${String(Math.round((performance.now() - startedAt) / 1000)).padStart(4)} s  ${what}`);

try {
  say("a copy of the project");
  await copyProject(folder);
  const changed = new Set<string>();
  const added = new Set<string>();
  for (const step of stepsOf(await readFile(join(ROOT, "docs", "extending.md"), "utf8"))) {
    if (step.kind === "command") {
      say(step.line);
      await run("sh", ["-c", step.line], folder);
      continue;
    }
    await apply(folder, step);
    (step.kind === "file" ? added : changed).add(step.path);
  }
  say(`${changed.size} files changed, ${added.size} added: ${[...changed].join(", ")}`);
  await run("npm", ["run", "check"], folder);
  say("npm run check has nothing to say");
  const output = await run("npm", ["test", "--", ...(files.length > 0 ? files : GROUPS)], folder);
  say(`npm test: ${output.trimEnd().split("\n").at(-1)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
