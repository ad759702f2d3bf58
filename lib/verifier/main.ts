import "server-only";
import cluster from "node:cluster";
import { env } from "@/lib/env";
import { requireSettings } from "@/lib/instance";
import { serve } from "./server";

// The verifier: the gate over plain node:http, for services that ask with every request. `npm run build` bundles it into
// .next/standalone/verifier.mjs, and scripts/verifier.js starts it.

/** Serves on `VERIFIER_PORT`, in this process or in `VERIFIER_WORKERS` of them, each an instance of its own. */
export async function startVerifier(host: string): Promise<void> {
  // Says what is wrong once, and not in every worker.
  if (cluster.isPrimary) await requireSettings();
  const { verifierPort, verifierWorkers } = env();
  if (cluster.isPrimary && verifierWorkers > 1) supervise(verifierWorkers);
  else await serve(verifierPort, host);
}

/** Keeps `count` workers running until the process is asked to end. */
function supervise(count: number): void {
  let isStopping = false;
  for (let started = 0; started < count; started += 1) cluster.fork();
  cluster.on("exit", () => {
    if (!isStopping) cluster.fork();
    else if (Object.keys(cluster.workers ?? {}).length === 0) process.exit();
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      isStopping = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
    });
}
