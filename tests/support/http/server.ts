import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { freePortFrom } from "@/scripts/ports";
import { freshSecrets, type Secrets, secretVariables } from "../people/secrets";
import { patience, settingFor } from "../runner/slowness";

// The production build, served as in production: a process of its own, with real settings.

export const ROOT = join(import.meta.dirname, "..", "..", "..");
export const NEXT = join(ROOT, "node_modules", "next", "dist", "bin", "next");
export const LAUNCHER = join("scripts", "run.js");
/** What node is given by `npm start`: flags and the launcher. */
export const START = startScript().split(" ").slice(1);

export type Server = {
  /** Where to send requests. */
  url: string;
  /** What the app believes to be its public origin. */
  origin: string;
  databaseUrl: string;
  secrets: Secrets;
  /** What it has written so far, to both outputs. */
  lines: string[];
  process: ChildProcess;
  /** The first line that matches, once it is there. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Asks it to end, as an orchestrator does, and waits for that. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
};

export type ServerOptions = {
  databaseUrl: string;
  /** Settings beyond those of a plain server. */
  env?: Record<string, string>;
  secrets?: Secrets;
  /** `https` for a server that stands behind a proxy which speaks TLS for it. */
  scheme?: "http" | "https";
  /** The port of an earlier server, to start it again. */
  port?: number;
  /** A built checkout, if not this one. */
  root?: string;
};

/**
 * Starts the production build and waits until it is ready. Addresses are believed from one proxy, so that every caller
 * can have its own.
 */
export async function startServer({
  databaseUrl,
  env = {},
  secrets,
  scheme = "http",
  port: wanted,
  root = ROOT,
}: ServerOptions): Promise<Server> {
  const port = wanted ?? (await unusedPort());
  const origin = `${scheme}://localhost:${port}`;
  const own = secrets ?? (await freshSecrets());
  const child = spawn(process.execPath, START, {
    cwd: root,
    env: {
      ...plainEnvironment(),
      NODE_ENV: "production",
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      PUBLIC_ORIGIN: origin,
      TRUSTED_PROXY_HOPS: "1",
      // Its database shares this machine, and so do its renewals: both are as late as everything else here. How busy the
      // tests will make it, nobody knows at this moment, so a query has room.
      GATE_QUERY_TIMEOUT_MS: String(settingFor(3_000)),
      SMTP_URL: "off",
      LEASE_MS: String(settingFor(2_000)),
      ...secretVariables(own),
      ...env,
    },
    // Through the channel it notices when the tests are killed, and ends too.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const server = { url: `http://localhost:${port}`, origin, databaseUrl, secrets: own, ...observe(child) };
  try {
    await server.line(/Ready in/);
    await ready(server);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`The server does not start:\n${server.lines.join("\n")}`, { cause: error });
  }
  return server;
}

/** Asks, as an orchestrator does, until the server says that it is ready. */
async function ready({ url, ended }: Pick<Server, "url" | "ended">): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const deadline = performance.now() + patience(30_000);
  while (!over && performance.now() < deadline) {
    // On a connection of its own, so that none stays open for the server to wait for when it ends.
    const { status } = await fetch(`${url}/api/health/ready`, { headers: { connection: "close" } });
    if (status === 200) return;
    await pause(20);
  }
  throw new Error("It does not get ready.");
}

function startScript(): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: { start: string };
  };
  return scripts.start;
}

/** Watches what a process writes and when it ends. */
export function observe(
  child: ChildProcess,
): Pick<Server, "process" | "lines" | "line" | "ended" | "stop" | "kill"> {
  const lines: string[] = [];
  const written = new EventEmitter().setMaxListeners(100);
  const ends = [child.stdout, child.stderr].flatMap((input) => {
    if (!input) return [];
    const reader = createInterface({ input }).on("line", (line) => {
      lines.push(line);
      written.emit("line", line);
    });
    return [once(reader, "close")];
  });
  // Not "close", which never comes once the channel was closed from here.
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", (error) => {
      lines.push(String(error));
      resolve({ code: null, signal: null });
    });
  });
  const ended = Promise.all([exited, ...ends]).then(([how]) => how);

  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const found = lines.find((each) => pattern.test(each));
      if (found !== undefined) return resolve(found);
      const listen = (each: string) => {
        if (!pattern.test(each)) return;
        written.off("line", listen);
        resolve(each);
      };
      written.on("line", listen);
      void ended.then(() => reject(new Error(`The process ended without writing ${pattern}.`)));
    });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    return ended;
  };
  return { process: child, lines, line, ended, stop, kill: (signal) => void child.kill(signal) };
}

/** What a process needs to run at all. Nothing that a developer has set, in a shell or in .env files, gets in. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env;
  return {
    PATH,
    ...(HOME ? { HOME } : {}),
    ...(TMPDIR ? { TMPDIR } : {}),
    ...(SystemRoot ? { SystemRoot } : {}),
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    // Next takes this to mean that the .env files were read already.
    __NEXT_PROCESSED_ENV: "true",
  };
}

/** A port below those from which systems pick for outgoing connections. */
export function unusedPort(): Promise<number> {
  return freePortFrom(15_000 + Math.floor(Math.random() * 15_000));
}
