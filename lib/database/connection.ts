import "server-only";
import pg from "pg";
import { isUseless } from "./errors";
import { readMoment, spellMoment } from "./moment";
import { pinSettings } from "./settings";

// By itself node-postgres writes a Date in the zone of the process, whose offset is not always whole minutes.
pg.defaults.parseInputDatesAsUTC = true;

const TIMESTAMPTZ = pg.types.builtins.TIMESTAMPTZ;

/**
 * A connection as every part of this app opens it: the settings that matter are pinned before its first use, and times
 * are read with their offset. `connect` throws `UnsuitableDatabase`, or with code 25006 where the server is a standby:
 * what that one knows may be old.
 */
export class Connection extends pg.Client {
  /** The server said something after which it is not to be used again. */
  isUseless = false;
  /** Opened while the server only read. It may stay so when the server writes again. */
  isReadOnly = false;
  /** When it was opened, and when it was last known to work (`performance.now()`). */
  openedAt = 0;
  usedAt = 0;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // A connection lost while nobody waits is reported by the next query; without a listener it would end the process.
    this.on("error", () => {});
    this.connection.on("errorMessage", (said: { code?: string; routine?: string }) => {
      if (isUseless(said)) this.isUseless = true;
    });
    this.setTypeParser(TIMESTAMPTZ, readMoment);
    // Too many overloads to restate them.
    const query = this.query.bind(this);
    const readingMoments = (first: unknown, ...rest: unknown[]) =>
      Reflect.apply(query, this, [withMoments(first), ...rest]);
    Object.assign(this, { query: readingMoments });
  }

  override connect(): Promise<this>;
  override connect(callback: (error: Error | null, client: this) => void): void;
  override connect(callback?: (error: Error | null, client: this) => void): Promise<this> | undefined {
    const prepared = this.#prepare();
    if (!callback) return prepared;
    prepared.then(
      () => callback(null, this),
      (error: unknown) => callback(error as Error, this),
    );
    return undefined;
  }

  /** Drops the connection without a word, which node-postgres has no public way for: one that hangs cannot be closed. */
  destroy(): void {
    this.connection.stream.destroy();
  }

  async #prepare(): Promise<this> {
    try {
      await super.connect();
      const { isRecovering, isReadOnly } = await pinSettings(this);
      if (isRecovering)
        throw Object.assign(new Error("The server is a standby: it only reads."), { code: "25006" });
      this.isReadOnly = isReadOnly;
    } catch (error) {
      this.destroy();
      throw error;
    }
    this.openedAt = performance.now();
    this.usedAt = this.openedAt;
    return this;
  }
}

type Types = { getTypeParser: (oid: number, format?: string) => unknown };

/** Prisma's adapter brings readers of its own, of which the one for times drops their offset. */
function withMoments(query: unknown): unknown {
  if (typeof query !== "object" || query === null || !("types" in query)) return query;
  const types = query.types as Types;
  const getTypeParser: Types["getTypeParser"] = (oid, format) =>
    oid === TIMESTAMPTZ ? readAsText : types.getTypeParser(oid, format);
  return { ...query, types: { getTypeParser } };
}

const readAsText = (text: string) => spellMoment(readMoment(text));
