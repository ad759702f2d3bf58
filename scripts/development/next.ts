import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { nextEnvironment, ROOT } from "../environment";

const NEXT = join(ROOT, "node_modules", "next", "dist", "bin", "next");

// A development server that outlives us would keep its port, its lock on .next and a connection to a database that nobody
// stops. The production server needs no such help: instrumentation.ts finishes what is in flight first.
// Next passes it to its worker through NODE_OPTIONS, where quotes and spaces do not survive.
const END_WITH_PARENT = `data:text/javascript,${encodeURIComponent(
  `process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));`,
)}`;

let end: NodeJS.Signals | undefined;
let child: ReturnType<typeof spawn> | undefined;

const WATCH = 500;

/** From now on what should end us is passed on to Next, so that we outlive it and can clean up. */
export function handleSignals(): void {
  const finish = (signal: NodeJS.Signals) => {
    if (end) return;
    end = signal;
    child?.kill(signal);
  };
  process.on("SIGINT", () => finish("SIGINT"));
  process.on("SIGTERM", () => finish("SIGTERM"));
  process.on("SIGHUP", () => finish("SIGTERM"));
  if (!process.env.npm_lifecycle_event) return;

  // npm sends its signals to a shell between us, and many shells die of them without passing them on.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && finish("SIGTERM"), WATCH).unref();
}

/** Runs `next` to its end and returns its exit code. */
export async function runNext(command: "dev" | "build", args: string[] = []): Promise<number> {
  const preload = command === "dev" ? ["--import", END_WITH_PARENT] : [];
  return runNode([...preload, NEXT, command, ...args]);
}

/** Runs a program with the environment of Next to its end and returns its exit code. */
export async function runNode(args: string[]): Promise<number> {
  if (end) return 128 + constants.signals[end];
  // The channel lets Next notice when we are killed.
  const next = spawn(process.execPath, args, {
    cwd: ROOT,
    env: nextEnvironment(),
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  child = next;
  return new Promise((resolve, reject) => {
    next.on("error", reject);
    next.on("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
