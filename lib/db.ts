import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "@/prisma/client/client";
import { env } from "./env";
import { log } from "./log";
import { SECONDS } from "./time";

// The only builder of the Prisma client. Its pool is shared with the two things that speak SQL to it directly: the
// prepared look-up of the gate (lib/session/store.ts) and the rate limiter.

const holder = globalThis as typeof globalThis & { latchkeyPool?: pg.Pool; latchkeyPrisma?: PrismaClient };

/** The pool. A query that gets no answer fails within the two limits together: a paused database is a 503, not a hang. */
export function pool(): pg.Pool {
  holder.latchkeyPool ??= createPool();
  return holder.latchkeyPool;
}

function createPool(): pg.Pool {
  const created = new pg.Pool({
    connectionString: env().databaseUrl,
    max: env().databasePoolSize,
    connectionTimeoutMillis: 0.8 * SECONDS,
    query_timeout: 1 * SECONDS,
    idleTimeoutMillis: 30 * SECONDS,
    keepAlive: true,
    application_name: "latchkey",
  });
  // An idle connection that breaks is the pool's business; without a listener it would end the process.
  created.on("error", (error) => log.error("database_connection_lost", { error }));
  // A ROLLBACK that waits behind a statement may give up unsent, and Prisma gives the connection back all the same: what
  // its next user does would belong to a transaction that nobody commits. Ended, it is thrown away instead.
  created.on("release", (_error, client) => {
    if (client.getTransactionStatus() !== "I") void client.end();
  });
  return created;
}

/** The Prisma client. */
export function prisma(): PrismaClient {
  holder.latchkeyPrisma ??= new PrismaClient({
    adapter: new PrismaPg(pool()),
    transactionOptions: { maxWait: 1 * SECONDS, timeout: 3 * SECONDS },
  });
  return holder.latchkeyPrisma;
}

/** A transaction, or the client itself. */
export type Database = Prisma.TransactionClient;

// Prisma: cannot reach, timed out, closed, no connection, transaction lost. PostgreSQL: class 08 (connection), 53
// (resources), 57 (shutdown), and 40001 and 40P01, which are safe to try again.
const UNAVAILABLE =
  /^(P1001|P1002|P1008|P1017|P2024|P2028|P2034|08...|53...|57...|40001|40P01|ECONN[A-Z]+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const UNAVAILABLE_MESSAGE =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|not queryable/i;

/** One layer of an error: Prisma keeps what its adapter said in `meta`, with PostgreSQL's own code innermost. */
type Layer = {
  code?: unknown;
  originalCode?: unknown;
  message?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: unknown };
};

/** Whether an error means that the database cannot answer now, so that the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  let layer = error as Layer | null | undefined;
  for (let depth = 0; typeof layer === "object" && layer !== null && depth < 5; depth += 1) {
    const codes = [layer.code, layer.originalCode];
    if (codes.some((code) => typeof code === "string" && UNAVAILABLE.test(code))) return true;
    if (typeof layer.message === "string" && UNAVAILABLE_MESSAGE.test(layer.message)) return true;
    layer = (layer.meta?.driverAdapterError ?? layer.cause) as Layer | null | undefined;
  }
  return false;
}

/** Whether the database answers. */
export async function databaseAnswers(): Promise<boolean> {
  try {
    await pool().query("SELECT 1");
    return true;
  } catch {
    return false;
  }
}

/** Closes every connection; for the end of the process. */
export async function closeDatabase(): Promise<void> {
  const { latchkeyPrisma, latchkeyPool } = holder;
  delete holder.latchkeyPrisma;
  delete holder.latchkeyPool;
  await latchkeyPrisma?.$disconnect();
  if (latchkeyPool && !latchkeyPool.ended) await latchkeyPool.end();
}
