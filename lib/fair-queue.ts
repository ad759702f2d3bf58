import "server-only";

// Work that takes turns. Lines are served one after the other, a piece of work each, so that a long line makes only
// itself wait. A line may itself consist of lines: those of a network, say, of its users. Not p-queue: it has one line with
// priorities, and nobody in it makes room.

type Job = { start: () => void; turnAway: () => void };

/** Where a piece of work waits: in a line of a class, or in a line within that one, and so on. */
export type Place<Class extends string> = readonly [of: Class, ...lines: string[]];

/** Jobs in the order of their arrival, or lines by name, which are served round robin. None of them is empty. */
class Line {
  readonly #jobs: Job[] = [];
  readonly #lines = new Map<string, Line>();
  size = 0;

  at([name, ...rest]: readonly string[]): Line | undefined {
    return name === undefined ? this : this.#lines.get(name)?.at(rest);
  }

  add([name, ...rest]: readonly string[], job: Job): void {
    this.size += 1;
    if (name === undefined) {
      this.#jobs.push(job);
      return;
    }
    const line = this.#lines.get(name) ?? new Line();
    this.#lines.set(name, line);
    line.add(rest, job);
  }

  /** Takes the job whose turn it is; its line goes to the back. */
  next(): Job | undefined {
    for (const [name, line] of this.#lines) {
      this.#lines.delete(name);
      const job = line.next();
      if (line.size > 0) this.#lines.set(name, line);
      this.size -= 1;
      return job;
    }
    const job = this.#jobs.shift();
    if (job) this.size -= 1;
    return job;
  }

  /** Takes the last job of the longest line. */
  last(): Job | undefined {
    const [name, longest] = this.#longest();
    const job = longest ? longest.last() : this.#jobs.pop();
    if (longest?.size === 0) this.#lines.delete(name);
    if (job) this.size -= 1;
    return job;
  }

  /** Takes the job that makes room for one at `place`: the last of a line that is longer than the newcomer's would be. */
  giveWay([name, ...rest]: readonly string[]): Job | undefined {
    if (name === undefined) return undefined;
    const own = this.#lines.get(name);
    const [, longest] = this.#longest();
    const job = longest && longest.size > (own?.size ?? 0) + 1 ? longest.last() : own?.giveWay(rest);
    if (job) this.size -= 1;
    return job;
  }

  #longest(): [name: string, line: Line | undefined] {
    let longest: [string, Line | undefined] = ["", undefined];
    for (const each of this.#lines) if (each[1].size > (longest[1]?.size ?? 0)) longest = each;
    return longest;
  }
}

/** What is thrown to those for whom the line is too long. */
export class QueueFull extends Error {}

/**
 * Runs at most `atOnce` pieces of work at the same time. The others wait in lines of at most `perLine`, each of them in one of
 * several classes, which are served in turn, too. A class holds at most `perClass`; when it is full, the last of its longest
 * line makes room for those whose line is shorter.
 */
export class FairQueue<Class extends string> {
  readonly #limits: { atOnce: number; perLine: number; perClass: number };
  readonly #classes = new Map<Class, Line>();
  #running = 0;

  constructor(limits: { atOnce: number; perLine: number; perClass: number }) {
    this.#limits = limits;
  }

  /** How many pieces of work run and wait. */
  get load(): { running: number; waiting: number } {
    let waiting = 0;
    for (const { size } of this.#classes.values()) waiting += size;
    return { running: this.#running, waiting };
  }

  /** Runs `work` when it is its turn. Throws `QueueFull` when its line is too long. */
  async run<T>(place: Place<Class>, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.atOnce) this.#running += 1;
    else await this.#wait(place);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #wait([of, ...lines]: Place<Class>): Promise<void> {
    const { perLine, perClass } = this.#limits;
    const line = this.#classes.get(of) ?? new Line();
    this.#classes.set(of, line);
    if ((line.at(lines)?.size ?? 0) >= perLine) return Promise.reject(new QueueFull());
    if (line.size >= perClass) {
      const leaving = line.giveWay(lines);
      if (!leaving) return Promise.reject(new QueueFull());
      leaving.turnAway();
    }
    return new Promise((resolve, reject) => {
      line.add(lines, { start: resolve, turnAway: () => reject(new QueueFull()) });
    });
  }

  /** Hands the place to whose turn it is, or frees it. */
  #pass(): void {
    for (const [of, line] of this.#classes) {
      const job = line.next();
      if (!job) continue;
      // The other classes are first the next time.
      this.#classes.delete(of);
      this.#classes.set(of, line);
      job.start();
      return;
    }
    this.#running -= 1;
  }
}
