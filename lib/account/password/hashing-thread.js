// Shared: a thread runs it by itself, outside what Next builds for servers.
// @ts-check
import { readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { hashSync, verifySync } from "@node-rs/argon2";

// The thread in which passwords are hashed, started by hashing.ts. Plain JavaScript, as Node must run it in tests, too.

// Low enough for checks to go first; high enough for sign-ins to progress where every processor is busy.
const NICE = 10;

/** Linux has a priority for each thread, which it treats as a process; other systems have one for the whole process. */
function giveWay() {
  if (process.platform !== "linux") return;
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").pop());
    setPriority(thread, Math.min(19, getPriority(thread) + NICE));
  } catch {
    // Without /proc, or without permission, the thread keeps its priority.
  }
}

giveWay();
parentPort?.on("message", (/** @type {import("./hashing").Job} */ job) => {
  try {
    const result =
      job.hash === undefined ? hashSync(job.password, job.options) : verifySync(job.hash, job.password);
    parentPort?.postMessage({ result });
  } catch (error) {
    parentPort?.postMessage({ error });
  }
});
