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
 * are read with their offset. `connect` throws `UnsuitableDatabase`, or an error with code 25006 if the server is a standby,
 * whose data may be old.
 */
export class Connection extends pg.Client {
  /** The server has said something after which this connection must not be used again. */
  isUseless = false;
  /** Opened while the server was read-only. It may stay so after the server accepts writes again. */
  isReadOnly = false;
  /** When it was opened, and when it was last known to work (`performance.now()`). */
  openedAt = 0;
  usedAt = 0;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // A connection that is lost while idle is reported by the next query. Without this listener it would end the process.
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

  /** Drops the connection without closing it properly: one that hangs cannot be. node-postgres has no public way to do this. */
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
