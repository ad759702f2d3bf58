import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { SECONDS } from "@/lib/time";
import { Connection } from "./connection";
import { isWorthAnotherTry, NoConnection } from "./errors";

/** A connection that was used this recently is taken to work. */
const FRESH = 1 * SECONDS;
/** How long the test of an older one may take, as a share of the query time-out. One that a firewall forgot never answers. */
const LONGEST_PROOF = 0.3;
/** Tries of one statement or transaction, the first included. */
const TRIES = 3;

/** What has taken longer than this, in milliseconds, is not tried again: somebody is waiting for it. */
const longestTrying = () => env().gateQueryTimeout;

type Taken = pg.PoolClient & Connection;
type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: (reason?: Error | boolean) => void,
) => void;

/**
 * A pool of `Connection`s. Gives out only those that work: one that was idle for a while is tested first, and one that turns
 * out to be useless is thrown away. If it has none to give, it throws `NoConnection`.
 */
export class Pool extends pg.Pool {
  /** When a connection was last found dead (`performance.now()`). */
  #diedAt = 0;

  constructor(config: pg.PoolConfig) {
    super({ ...config, Client: Connection });
    // An idle connection that breaks is the pool's business; without a listener it would end the process.
    this.on("error", (error) => log.error("database_connection_lost", { error }));
    this.on("release", (_error, client) => {
      const connection = client as Taken;
      connection.usedAt = performance.now();
      // A ROLLBACK that waits behind a statement may give up unsent, and Prisma gives the connection back all the same:
      // what its next user does would belong to a transaction that nobody commits. Ended, it is thrown away instead.
      const isInTransaction = connection.getTransactionStatus() !== "I";
      if (isInTransaction || connection.isUseless) void connection.end();
    });
    // Statements that the server rolled back are tried again here; transactions are in `tryAgain`.
    const query = this.query.bind(this);
    const again = (...args: unknown[]) => {
      const send = () => Reflect.apply(query, this, args) as Promise<unknown>;
      return typeof args.at(-1) === "function" ? send() : tryAgain(send);
    };
    Object.assign(this, { query: again });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    const taken = this.#take();
    if (!callback) return taken;
    taken.then(
      (client) => callback(undefined, client, (reason) => client.release(reason)),
      (error: Error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }

  async #take(): Promise<Taken> {
    const startedAt = performance.now();
    for (;;) {
      const client = await this.#takeAny();
      if (await this.#isGood(client)) return client;
      client.release(true);
      if (performance.now() - startedAt > longestTrying())
        throw new NoConnection("Those that were there are dead.");
    }
  }

  async #isGood(client: Taken): Promise<boolean> {
    const now = performance.now();
    // The database may be writable again: only a new connection can tell.
    if (client.isReadOnly && now - client.openedAt > FRESH) return false;
    if (now - client.usedAt < FRESH) return true;
    // What cut this connection off has probably cut off every other of its age.
    if (client.usedAt < this.#diedAt) return false;
    const isAlive = await works(client);
    if (!isAlive) this.#diedAt = now;
    return isAlive;
  }

  async #takeAny(): Promise<Taken> {
    try {
      return (await super.connect()) as Taken;
    } catch (error) {
      throw new NoConnection(error);
    }
  }
}

/** Whether the connection still answers. If not, it is dropped. */
async function works(client: Taken): Promise<boolean> {
  const answered = client.query("SELECT 1").then(
    () => true,
    () => false,
  );
  const works = await Promise.race([answered, pause(LONGEST_PROOF * longestTrying(), false)]);
  if (!works) client.destroy();
  return works;
}

/** Runs `work` again where the server rolled it back and may accept it the next time. */
export async function tryAgain<T>(work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const isOver = tries === TRIES || performance.now() - startedAt > longestTrying();
      if (isOver || !isWorthAnotherTry(error)) throw error;
      // Lets one of two that deadlocked go first.
      await pause(Math.random() * 20 * tries);
    }
  }
}
