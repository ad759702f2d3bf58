import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { PRODUCT } from "@/lib/product";
import { ROOT, settle } from "../environment";
import { freePortFrom, wantedPort } from "../ports";
import { generateClient, watchSchema } from "./client";
import { demoHint, prepareApp, seedIfEmpty, withDatabase } from "./development";
import { forwardLoopback } from "./loopback";
import { handleSignals, runNext, runNode } from "./next";

// The last file that a build writes.
const BUILD = join(ROOT, ".next", "standalone", ".next", "static");

/** The inputs of the build. */
export const SOURCES = [
  ..."app lib proxy.ts instrumentation.ts next.config.js package.json package-lock.json".split(" "),
  ..."postcss.config.js scripts/system-theme.js prisma/schema.prisma".split(" "),
];

/** `npm run dev`. Returns the exit code. */
export async function dev(args: string[]): Promise<number> {
  return serveDevelopment("development", args, async (port, host) => {
    const watcher = watchSchema(join(ROOT, "prisma"), generateClient);
    try {
      return await runNext("dev", ["-p", String(port), "-H", host]);
    } finally {
      watcher.close();
    }
  });
}

/** `npm run preview`: the production build with the development database and secrets. Returns the exit code. */
export async function preview(args: string[]): Promise<number> {
  return serveDevelopment("production", args, async (port, host) => {
    const failure = (await isBuilt()) ? 0 : await build();
    settle({ PORT: String(port), HOSTNAME: host });
    return failure || runNode([join(ROOT, "scripts", "run.js"), "start"]);
  });
}

/** `npm run build`. Returns the exit code. */
export async function build(): Promise<number> {
  return (await runNext("build")) || runNode([join(ROOT, "scripts", "finish-build.js")]);
}

async function serveDevelopment(
  mode: "development" | "production",
  args: string[],
  run: (port: number, host: string) => Promise<number>,
): Promise<number> {
  handleSignals();
  return withDatabase(async (url) => {
    const wanted = wantedPort(process.env.PORT);
    const port = await freePortFrom(wanted);
    if (port !== wanted) console.log(`Port ${wanted} is taken; using ${port}.`);

    const origin = `http://localhost:${port}`;
    await prepareApp(url, origin, args);
    await seedIfEmpty(url);
    settle({ NODE_ENV: mode, ...(mode === "production" && { LATCHKEY_PREVIEW: "1" }) });
    console.log(`${PRODUCT.name}: ${origin}${await demoHint(url)}`);
    const { HOSTNAME } = process.env;
    if (HOSTNAME) return run(port, HOSTNAME);

    // Demo accounts have passwords that everybody knows: nobody else on the network may reach them.
    const forwarder = await forwardLoopback(port);
    try {
      return await run(port, "127.0.0.1");
    } finally {
      forwarder?.close();
    }
  });
}

/** Whether the build is newer than everything it is made of. */
export function isBuilt(): Promise<boolean> {
  return isNewer(
    BUILD,
    SOURCES.map((source) => join(ROOT, source)),
  );
}

/** Whether a file is there, and newer than all of these files and folders. */
export async function isNewer(file: string, sources: string[]): Promise<boolean> {
  if (!(await exists(file))) return false;
  const built = await changedAt(file);
  const changes = await Promise.all(sources.map(lastChange));
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
