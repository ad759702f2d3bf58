import "server-only";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Options } from "@node-rs/argon2";
import pLimit from "p-limit";
import { singleton } from "@/lib/singleton";

// Hashing is the only slow work here, so it has threads of its own, at a lower priority. There are two at most, and one where
// there are two processors, which leaves the other to checks. rate-limit.ts decides who may hash, so the queue here is short.
// Not piscina: it needs an optional native package to lower a priority, and does far more than this.

/** What a thread is asked: whether a password belongs to a hash, or a new hash. */
export type Job =
  | { password: string; hash: string }
  | { password: string; hash?: undefined; options: Options };

type Answer = { result: string | boolean } | { error: unknown };

const THREADS = Math.min(2, Math.max(1, availableParallelism() - 1));

const threads = singleton("hashing", () => ({ takingTurns: pLimit(THREADS), idle: [] as Worker[] }));

/** Argon2 hash in PHC format. Throws what the library throws. */
export async function argon2Hash(password: string, options: Options): Promise<string> {
  return String(await inThread({ password, options }));
}

/** Whether a password belongs to a hash in PHC format. Throws when the hash is none. */
export async function argon2Verify(hash: string, password: string): Promise<boolean> {
  return (await inThread({ password, hash })) === true;
}

function inThread(job: Job): Promise<string | boolean> {
  const { takingTurns, idle } = threads();
  return takingTurns(async () => {
    const thread = idle.pop() ?? new Worker(new URL("./hashing-thread.js", import.meta.url));
    const answer = await ask(thread, job);
    idle.push(thread);
    if ("error" in answer) throw answer.error;
    return answer.result;
  });
}

/** A thread that fails is not asked again. It keeps the process alive only while somebody waits for it. */
async function ask(thread: Worker, job: Job): Promise<Answer> {
  thread.ref();
  thread.postMessage(job);
  try {
    const [answer] = await once(thread, "message");
    return answer;
  } finally {
    thread.unref();
  }
}
