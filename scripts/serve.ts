import { access, readdir, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { demoHint, prepareApp, seedIfEmpty, withDatabase } from "./development";
import { ROOT, settle } from "./environment";
import { handleSignals, runNext } from "./next";
import { freePortFrom, isFree, wantedPort } from "./ports";
import { problem } from "./problem";

const BUILD = join(ROOT, ".next", "BUILD_ID");

// What the build is made of.
const SOURCES = [
  ..."app lib proxy.ts instrumentation.ts next.config.js package.json package-lock.json".split(" "),
  join("prisma", "schema.prisma"),
];

/** `npm run dev`. Returns the exit code. */
export async function dev(): Promise<number> {
  return serveDevelopment("development", (port) => runNext("dev", ["-p", String(port)]));
}

/** `npm run preview`: the production build with the development database and secrets. Returns the exit code. */
export async function preview(): Promise<number> {
  return serveDevelopment("production", async (port) => {
    const failure = (await isBuilt()) ? 0 : await runNext("build");
    return failure || runNext("start", ["-p", String(port)]);
  });
}

async function serveDevelopment(
  mode: "development" | "production",
  run: (port: number) => Promise<number>,
): Promise<number> {
  handleSignals();
  return withDatabase(async (url) => {
    const wanted = wantedPort(process.env.PORT);
    const port = await freePortFrom(wanted);
    if (port !== wanted) console.log(`Port ${wanted} is taken; using ${port}.`);

    const origin = `http://localhost:${port}`;
    await prepareApp(url, origin);
    await seedIfEmpty(url);
    settle({ NODE_ENV: mode, ...(mode === "production" && { LATCHKEY_PREVIEW: "1" }) });
    console.log(`Latchkey: ${origin}${await demoHint(url)}`);
    return run(port);
  });
}

/** `npm start`: serves the production build, and nothing else. Returns the exit code. */
export async function start(): Promise<number> {
  handleSignals();
  settle({ NODE_ENV: "production" });
  const { checkEnv } = await import("../lib/env");
  const problems = checkEnv();
  for (const each of problems) console.error(each);
  if (problems.length > 0) return 1;
  if (!(await exists(BUILD))) throw problem("There is no build to serve. Run `npm run build` first.");

  // Shells and containers set HOSTNAME to the machine's name, on which nobody asked us to listen.
  const { HOSTNAME } = process.env;
  const host = HOSTNAME && HOSTNAME !== hostname() ? HOSTNAME : "0.0.0.0";
  const port = wantedPort(process.env.PORT);
  if (!(await isFree(port, [host]))) throw problem(`Port ${port} is taken. Set PORT to a free one.`);
  return runNext("start", ["-p", String(port), "-H", host]);
}

/** Whether the build is newer than everything it is made of. */
export async function isBuilt(): Promise<boolean> {
  if (!(await exists(BUILD))) return false;
  const built = await changedAt(BUILD);
  const changes = await Promise.all(SOURCES.map((source) => lastChange(join(ROOT, source))));
  return changes.every((change) => change < built);
}

async function lastChange(path: string): Promise<number> {
  const inside = await readdir(path, { recursive: true }).catch(() => []);
  return Math.max(...(await Promise.all(["", ...inside].map((entry) => changedAt(join(path, entry))))));
}

async function changedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
