import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "@/prisma/client/client";
import { env } from "./env";
import { log } from "./log";
import { SECONDS } from "./time";

// The only builder of pools and of Prisma clients. There is one pool for each kind of work, so that slow work of one kind
// takes neither the connections nor the time-outs of another. Connections are opened when they are first needed.

type Kind = "gate" | "app" | "background";
type Opened = { pool: pg.Pool; prisma: PrismaClient };

const holder = globalThis as typeof globalThis & { latchkeyDatabase?: Partial<Record<Kind, Opened>> };

/** Times in milliseconds. A query that gets no answer fails within `wait` and `query` together. */
function limitsOf(kind: Kind): { max: number; wait: number; query: number; transaction: number } {
  const { databasePoolSize: max, databaseQueryTimeout: query } = env();
  switch (kind) {
    // Somebody waits for the answer: a paused database is a 503, not a hang.
    case "gate":
      return { max, wait: 0.8 * SECONDS, query: 1 * SECONDS, transaction: 3 * SECONDS };
    case "app":
      return { max, wait: 2 * SECONDS, query, transaction: 2 * query };
    // Nobody waits: what takes long may, as long as it ends.
    case "background":
      return { max: 2, wait: 5 * SECONDS, query: 30 * SECONDS, transaction: 60 * SECONDS };
  }
}

function opened(kind: Kind): Opened {
  holder.latchkeyDatabase ??= {};
  holder.latchkeyDatabase[kind] ??= open(kind);
  return holder.latchkeyDatabase[kind];
}

function open(kind: Kind): Opened {
  const { max, wait, query, transaction } = limitsOf(kind);
  const pool = new pg.Pool({
    connectionString: env().databaseUrl,
    max,
    connectionTimeoutMillis: wait,
    query_timeout: query,
    idleTimeoutMillis: 30 * SECONDS,
    keepAlive: true,
    application_name: kind === "gate" ? "latchkey" : `latchkey-${kind}`,
  });
  // An idle connection that breaks is the pool's business; without a listener it would end the process.
  pool.on("error", (error) => log.error("database_connection_lost", { error }));
  // A ROLLBACK that waits behind a statement may give up unsent, and Prisma gives the connection back all the same: what
  // its next user does would belong to a transaction that nobody commits. Ended, it is thrown away instead.
  pool.on("release", (_error, client) => {
    if (client.getTransactionStatus() !== "I") void client.end();
  });
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: Math.max(wait, 1 * SECONDS), timeout: transaction },
  });
  return { pool, prisma };
}

/** The gate's pool, for prepared statements: a query fails after 1 s. */
export function pool(): pg.Pool {
  return opened("gate").pool;
}

/** The Prisma client of sessions and accounts, on the gate's pool: a query fails after 1 s. */
export function gatePrisma(): PrismaClient {
  return opened("gate").prisma;
}

/** The Prisma client for what you build: a pool of its own, where a query fails after `DATABASE_QUERY_TIMEOUT_MS`. */
export function prisma(): PrismaClient {
  return opened("app").prisma;
}

/** The Prisma client of background work: two connections, where a query fails after 30 s. */
export function backgroundPrisma(): PrismaClient {
  return opened("background").prisma;
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
  const all = Object.values(holder.latchkeyDatabase ?? {});
  delete holder.latchkeyDatabase;
  for (const { pool, prisma } of all) {
    await prisma.$disconnect();
    if (!pool.ended) await pool.end();
  }
}
