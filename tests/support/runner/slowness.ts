import { spawnSync } from "node:child_process";
import { pbkdf2Sync } from "node:crypto";
import { availableParallelism, loadavg } from "node:os";

// How slow this machine is. A limit that only tells an answer from none is about the machine, so it grows with this.

/** What `work` takes on two quiet cores of a small server, in milliseconds. */
const QUIET = 480;

/** Computes and starts processes, as tests do. Gives how long that took, in milliseconds. */
function work(): number {
  const startedAt = performance.now();
  for (let round = 0; round < 3; round += 1) {
    pbkdf2Sync("password", "salt", 60_000, 32, "sha256");
    spawnSync(process.execPath, ["-e", "0"]);
  }
  return performance.now() - startedAt;
}

// The runner measures once, when it reads its configuration. Its workers inherit the result.
process.env.TEST_SLOWNESS ??= (work() / QUIET).toFixed(2);
const atStart = Number(process.env.TEST_SLOWNESS);

/** How many times slower than a quiet machine this one was at the start of the run, or must be by what it has to do now. */
export function slowness(): number {
  const [load = 0] = loadavg();
  return Math.max(1, atStart, load / availableParallelism());
}

/** How long to wait on this machine for what takes at most `milliseconds` on a quiet one. */
export function patience(milliseconds: number): number {
  return Math.ceil(milliseconds * slowness());
}

/** The same as a setting of a server, `LEASE_MS` or a time-out of queries: none may be more than a minute. */
export function settingFor(milliseconds: number): number {
  return Math.min(60_000, patience(milliseconds));
}
