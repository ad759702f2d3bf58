import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isBuilt } from "@/scripts/development/serve";
import { databaseServer } from "./support/database/database";
import { plainEnvironment, ROOT } from "./support/http/server";
import { type Count, readPlaywright, readVitest } from "./support/runner/counts";

// npm test [-- <group>…] [<file>…]: everything, or some groups, or some files. `proofs` are the author's: see
// tests/proofs/README.md. `race` runs only when asked for.
// ODD_DATABASE=Asia/Tokyo runs it against a database in that time zone whose other settings are unusual, too.

const USUAL = ["unit", "integration", "http", "e2e", "proofs"];
const GROUPS = [...USUAL, "race"];

const asked = process.argv.slice(2);
const groups = asked.filter((each) => GROUPS.includes(each));
const filters = asked.filter((each) => !GROUPS.includes(each));
const wanted = groups.length > 0 ? groups : USUAL;

const LONGEST_GOODBYE = 5_000;

const running = new Set<ChildProcess>();
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of running) {
      child.kill("SIGINT");
      // A runner may want to finish the test that it is in.
      setTimeout(() => child.kill("SIGKILL"), LONGEST_GOODBYE).unref();
    }
  });
}

const environment = {
  ...plainEnvironment(),
  ...pick(
    "CI",
    "CHROME_PATH",
    "TERM",
    "FORCE_COLOR",
    "NO_COLOR",
    "PLAYWRIGHT_BROWSERS_PATH",
    "ENDINGS",
    "RACE_CHECKS",
  ),
};

/** Runs a program of node_modules and gives its exit code. With `output`, what it prints is collected there. */
async function runNode(args: string[], env: Record<string, string> = {}, output?: Buffer[]): Promise<number> {
  if (interrupted) return 1;
  const print = output ? "pipe" : "inherit";
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...environment, ...env },
    stdio: ["ignore", print, print],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => output?.push(chunk));
  running.add(child);
  return new Promise<number>((resolve) => {
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  }).finally(() => running.delete(child));
}

function pick(...names: string[]): Record<string, string> {
  const set = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(set);
}

async function buildIfStale(): Promise<boolean> {
  if (wanted.every((group) => group === "unit") || (await isBuilt())) return true;
  if ((await runNode(["scripts/generate.js", "--if-stale"])) !== 0) return false;
  const next = await runNode(["node_modules/next/dist/bin/next", "build"]);
  return next === 0 && (await runNode(["scripts/finish-build.js"])) === 0;
}

async function runVitest(databaseUrl: string, output: string): Promise<Count[]> {
  const projects = wanted.filter((group) => group !== "e2e");
  if (projects.length === 0) return [];
  const file = join(output, "vitest.json");
  const selection = projects.flatMap((name) => ["--project", name]);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await runNode(
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--config",
      "tests/vitest.config.ts",
      "--passWithNoTests",
      ...selection,
      ...reporters,
      ...filters,
    ],
    // Vite's native loader of configurations, which wants file extensions, is not the one that is used here.
    { NODE_ENV: "test", TEST_DATABASE_SERVER: databaseUrl, VITE_CONFIG_NATIVE_IGNORE_WARNING: "true" },
  );
  return readVitest(file, projects, code);
}

async function runPlaywright(
  databaseUrl: string,
  output: string,
  vitest: Promise<unknown>,
): Promise<Count[]> {
  const specs = await readdir(join(ROOT, "tests", "e2e"), { recursive: true }).catch(() => []);
  if (!wanted.includes("e2e") || !specs.some((name) => name.endsWith(".spec.ts"))) return [];
  const file = join(output, "playwright.json");
  // Both runners work at once: one waits for time-outs while the other draws pages. What they print stays apart.
  const printed: Buffer[] | undefined = wanted.length > 1 ? [] : undefined;
  const code = await runNode(
    [
      "node_modules/@playwright/test/cli.js",
      "test",
      "--config",
      "tests/playwright.config.ts",
      "--reporter=list,json",
      "--pass-with-no-tests",
      ...filters,
    ],
    { NODE_ENV: "test", TEST_DATABASE_SERVER: databaseUrl, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
    printed,
  );
  await vitest;
  process.stdout.write(Buffer.concat(printed ?? []));
  return readPlaywright(file, code);
}

async function runAll(): Promise<Count[]> {
  const database = await databaseServer();
  const output = await mkdtemp(join(tmpdir(), "latchkey-results-"));
  try {
    if (!(await buildIfStale())) return [{ group: "build", passed: 0, failed: 1, skipped: 0 }];
    const vitest = runVitest(database.url, output);
    return (await Promise.all([vitest, runPlaywright(database.url, output, vitest)])).flat();
  } finally {
    await rm(output, { recursive: true, force: true });
    await database.stop();
  }
}

function report(counts: Count[]): boolean {
  for (const { file, test, reason } of counts.flatMap(({ failures = [] }) => failures))
    console.log(`\nFAILED  ${file} › ${test}\n${reason}`);
  console.log("");
  for (const { group, passed, failed, skipped } of counts) {
    console.log(
      `${group.padEnd(12)}${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
    );
  }
  const total = (name: "passed" | "failed") => counts.reduce((sum, each) => sum + each[name], 0);
  console.log(`${total("passed")} passed, ${total("failed")} failed`);
  return total("failed") === 0 && total("passed") > 0;
}

try {
  const good = report(await runAll());
  process.exitCode = interrupted ? 130 : good ? 0 : 1;
} catch (error) {
  // What people can mend needs a sentence; only our own mistakes need a stack.
  console.error(error instanceof Error && error.name === "Problem" ? error.message : error);
  process.exitCode = 1;
}
