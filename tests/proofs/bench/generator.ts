import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Job, ResultOf } from "./jobs";
import { progress } from "./report";

/** A process that makes requests, so that measuring does not take turns with what else the bench does. */
export class Generator {
  readonly #child: ChildProcess;
  readonly #failed: Promise<never>;

  constructor() {
    // It inherits the loader for TypeScript. Typed arrays need more than JSON.
    this.#child = fork(join(import.meta.dirname, "generator-process.ts"), { serialization: "advanced" });
    this.#failed = new Promise((_, reject) => {
      this.#child.once("exit", (code) => reject(new Error(`The generator ended with ${code}.`)));
    });
    this.#failed.catch(() => {});
  }

  /** One job at a time. */
  async run<J extends Job>(job: J): Promise<ResultOf<J>> {
    const answered = new Promise<ResultOf<J>>((resolve, reject) => {
      this.#child.once("message", (answer: { result: ResultOf<J> } | { error: string }) =>
        "error" in answer ? reject(new Error(answer.error)) : resolve(answer.result),
      );
    });
    this.#child.send(job);
    const result = await Promise.race([answered, this.#failed]);
    if (result && "unavailable" in result && result.unavailable > 0)
      progress(
        `${result.unavailable} of ${result.latencies.length} answers were 5xx: the machine is too busy`,
      );
    return result;
  }

  stop(): void {
    this.#child.kill();
  }
}
