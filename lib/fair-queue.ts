import "server-only";

// Work that takes turns. Lines are served one after the other, a piece of work each, so that a long line makes only
// itself wait. Not p-queue: it has one line with priorities, and nobody in it makes room.

type Job = { start: () => void; turnAway: () => void };

/** Lines by name, served round robin. */
class Lines {
  readonly #lines = new Map<string, Job[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  lengthOf(name: string): number {
    return this.#lines.get(name)?.length ?? 0;
  }

  add(name: string, job: Job): void {
    const line = this.#lines.get(name);
    if (line) line.push(job);
    else this.#lines.set(name, [job]);
    this.#size += 1;
  }

  /** The first of the line whose turn it is; its line goes to the back. */
  next(): Job | undefined {
    for (const [name, line] of this.#lines) {
      const job = line.shift();
      this.#lines.delete(name);
      if (line.length > 0) this.#lines.set(name, line);
      if (job) this.#size -= 1;
      return job;
    }
    return undefined;
  }

  /** Turns away the last of the longest line, if that is longer than `length`. */
  shorten(length: number): boolean {
    let longest: Job[] = [];
    for (const line of this.#lines.values()) if (line.length > longest.length) longest = line;
    if (longest.length <= length) return false;
    longest.pop()?.turnAway();
    this.#size -= 1;
    return true;
  }
}

/** What is thrown to those for whom the line is too long. */
export class QueueFull extends Error {}

/**
 * Runs at most `atOnce` pieces of work at the same time. The others wait in named lines of at most `perLine`, each of
 * them in one of several classes, which are served in turn, too. A class holds at most `perClass`; when it is full, the
 * last of its longest line makes room for those whose line is shorter.
 */
export class FairQueue<Class extends string> {
  readonly #limits: { atOnce: number; perLine: number; perClass: number };
  readonly #classes = new Map<Class, Lines>();
  #running = 0;

  constructor(limits: { atOnce: number; perLine: number; perClass: number }) {
    this.#limits = limits;
  }

  /** How many pieces of work run and wait. */
  get load(): { running: number; waiting: number } {
    let waiting = 0;
    for (const lines of this.#classes.values()) waiting += lines.size;
    return { running: this.#running, waiting };
  }

  /** Runs `work` when it is its turn. Throws `QueueFull` when its line is too long. */
  async run<T>({ of, line }: { of: Class; line: string }, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.atOnce) this.#running += 1;
    else await this.#wait(of, line);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #wait(of: Class, line: string): Promise<void> {
    const { perLine, perClass } = this.#limits;
    const lines = this.#classes.get(of) ?? new Lines();
    this.#classes.set(of, lines);
    const length = lines.lengthOf(line);
    if (length >= perLine) return Promise.reject(new QueueFull());
    if (lines.size >= perClass && !lines.shorten(length + 1)) return Promise.reject(new QueueFull());
    return new Promise((resolve, reject) => {
      lines.add(line, { start: resolve, turnAway: () => reject(new QueueFull()) });
    });
  }

  /** Hands the place to whose turn it is, or frees it. */
  #pass(): void {
    for (const [of, lines] of this.#classes) {
      const job = lines.next();
      if (!job) continue;
      // The other classes are first the next time.
      this.#classes.delete(of);
      this.#classes.set(of, lines);
      job.start();
      return;
    }
    this.#running -= 1;
  }
}
