import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LAUNCHER, plainEnvironment, ROOT, START, unusedPort } from "../../support/http/server";
import { type Secrets, secretVariables } from "../../support/people/secrets";
import { patience } from "../../support/runner/slowness";

// Production builds with their usual settings, logging to a file, in processes that can be weighed.

/** One name for all instances of a fleet, so that a token of one is good at the others. */
export const ORIGIN = "http://localhost:3000";

const METRICS_TOKEN = "the-bench-reads-the-metrics-of-its-servers";

// Loaded into the server ahead of Next. It answers only the process that started it.
const SCALE = `process.on("message", (message) => {
  if (message !== "weigh") return;
  gc(); gc();
  process.send(process.memoryUsage());
});`;

export type Weight = NodeJS.MemoryUsage;

export type Instance = {
  url: string;
  port: number;
  /** Memory after a garbage collection. */
  weigh(): Promise<Weight>;
  /** Processor time used so far, in milliseconds; NaN where it is not told. */
  processorTime(): number;
  metric(name: string): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
};

export type InstanceOptions = {
  databaseUrl: string;
  secrets: Secrets;
  env?: Record<string, string>;
  /** By how much it gives way to other processes, as of nice(1). */
  nice?: number;
};

const running = new Set<Instance>();

/** Ends every server that still runs; for a bench that fails or is interrupted. */
export async function stopInstances(): Promise<void> {
  for (const instance of running) instance.kill("SIGCONT");
  await Promise.all([...running].map((instance) => instance.stop()));
}

/** Starts an instance and waits until its feed is connected, unless it has none. */
export function startInstance({ env = {}, nice = 0, ...options }: InstanceOptions): Promise<Instance> {
  const hears = async ({ metric }: Instance) =>
    env.FEED === "off" || (await metric("latchkey_lease_left_seconds")) > 0;
  return serve(
    ROOT,
    START,
    settingsOf({ env, ...options }),
    async (instance) => (await fetch(`${instance.url}/api/health/ready`)).ok && hears(instance),
    { nice },
  );
}

/** Starts a verifier, in one process, and waits until its feed is connected. */
export function startVerifierInstance({ nice = 0, ...options }: InstanceOptions): Promise<Instance> {
  const settings = { ...settingsOf(options), NODE_ENV: "production" };
  return serve(
    ROOT,
    [LAUNCHER, "verifier"],
    settings,
    async ({ metric }) => (await metric("latchkey_lease_left_seconds")) > 0,
    { metrics: "/metrics", nice },
  );
}

function settingsOf({ databaseUrl, secrets, env = {} }: InstanceOptions): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    PUBLIC_ORIGIN: ORIGIN,
    SMTP_URL: "off",
    METRICS_TOKEN,
    ...secretVariables(secrets),
    ...env,
  };
}

/** Runs a command of Node that serves on `PORT`, and waits until it is ready. `metrics` is the path of its metrics. */
export async function serve(
  folder: string,
  command: string[],
  env: Record<string, string>,
  isReady: (instance: Instance) => Promise<boolean>,
  { metrics = "/api/metrics", nice = 0 } = {},
): Promise<Instance> {
  const port = await unusedPort();
  const logs = await mkdtemp(join(tmpdir(), "latchkey-bench-"));
  const log = openSync(join(logs, "log"), "w", 0o600);
  const preload = `data:text/javascript,${encodeURIComponent(SCALE)}`;
  const node = [process.execPath, "--expose-gc", "--import", preload, ...command];
  // nice becomes what it starts: the child is the server itself.
  const child = spawn("nice", ["-n", String(nice), ...node], {
    cwd: folder,
    // A verifier reads its port from a setting of its own.
    env: { ...plainEnvironment(), PORT: String(port), VERIFIER_PORT: String(port), ...env },
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);

  const url = `http://localhost:${port}`;
  const instance = { url, port, ...handles(child, url, logs, metrics) };
  running.add(instance);
  try {
    await ready(child, () => isReady(instance));
  } catch (error) {
    const said = readFileSync(join(logs, "log"), "utf8");
    await instance.stop();
    throw new Error(`The server does not start:\n${said}`, { cause: error });
  }
  return instance;
}

async function ready(child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patience(20_000);
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("It is not ready.");
    await pause(50);
  }
}

function handles(
  child: ChildProcess,
  url: string,
  logs: string,
  metrics: string,
): Omit<Instance, "url" | "port"> {
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    weigh: () =>
      new Promise((resolve) => {
        child.once("message", (weight: Weight) => resolve(weight));
        child.send("weigh");
      }),
    processorTime: () => processorTime(child.pid ?? 0),
    async metric(name) {
      const answer = await fetch(`${url}${metrics}`, {
        headers: { Authorization: `Bearer ${METRICS_TOKEN}` },
      });
      const value = new RegExp(`^${name}(?:{.*})? (.+)$`, "m").exec(await answer.text())?.[1];
      return Number(value ?? Number.NaN);
    },
    kill: (signal) => void child.kill(signal),
    async stop() {
      for (const instance of running) if (instance.url === url) running.delete(instance);
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 12_000);
      await ended;
      clearTimeout(timer);
      await rm(logs, { recursive: true, force: true });
    },
  };
}

/** Linux counts it in ticks of 10 ms. */
function processorTime(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}
