import "server-only";
import type pg from "pg";
import { type Prisma, PrismaClient } from "@/prisma/client/client";
import { adapterFor } from "./database/adapter";
import { Pool, tryAgain } from "./database/pool";
import { env } from "./env";
import { LONGEST_DELIVERY, MAILS_AT_ONCE } from "./limits";
import { singleton } from "./singleton";
import { SECONDS } from "./time";

// The only builder of pools and of Prisma clients. There is one pool for each kind of work, so that slow work of one kind
// takes neither the connections nor the time-outs of another. Connections are opened when they are first needed.

type Kind = "gate" | "proof" | "app" | "background" | "mail";

/** `clients` are kept by what they were made from. */
type Opened = { pool: pg.Pool; clients: Map<unknown, PrismaClient> };

const database = singleton("database", (): Partial<Record<Kind, Opened>> => ({}));

/**
 * Times in milliseconds. A query that gets no answer fails within `wait` and `query` together. A connection that is older
 * than `life` is given out no more.
 */
type Limits = { max: number; wait: number; query: number; transaction: number; life?: number };

function limitsOf(kind: Kind): Limits {
  const { databasePoolSize: max, databaseQueryTimeout, gateQueryTimeout: gate } = env();
  switch (kind) {
    // Somebody waits for the answer: a paused database is a 503, not a hang.
    case "gate":
      return { max, wait: 0.8 * gate, query: gate, transaction: 3 * gate };
    // Beside the gate's, or checks that wait for a connection would cost the lease that spares other checks the wait. Not
    // for long, or it would speak for where DATABASE_URL led once.
    case "proof":
      return { max: 1, wait: gate, query: gate, transaction: gate, life: 30 * SECONDS };
    case "app":
      return {
        max,
        wait: 2 * SECONDS,
        query: databaseQueryTimeout,
        transaction: 2 * databaseQueryTimeout,
      };
    // A transaction lasts as long as the server for mail takes to accept one.
    case "mail":
      return { max: MAILS_AT_ONCE, wait: 30 * SECONDS, query: 30 * SECONDS, transaction: LONGEST_DELIVERY };
    // Nobody waits: what takes long may, as long as it ends.
    case "background":
      return { max: 2, wait: 30 * SECONDS, query: 30 * SECONDS, transaction: 60 * SECONDS };
  }
}

function opened(kind: Kind): Opened {
  const known = database()[kind] ?? open(kind);
  database()[kind] = known;
  return known;
}

function open(kind: Kind): Opened {
  const { max, wait, query, life = 0 } = limitsOf(kind);
  const pool = new Pool({
    connectionString: env().databaseUrl,
    max,
    connectionTimeoutMillis: wait,
    query_timeout: query,
    idleTimeoutMillis: 30 * SECONDS,
    maxLifetimeSeconds: life / SECONDS,
    keepAlive: true,
    application_name: kind === "gate" ? "latchkey" : `latchkey-${kind}`,
  });
  return { pool, clients: new Map() };
}

function clientOf(kind: Kind): PrismaClient {
  const { pool, clients } = opened(kind);
  // `npm run dev` regenerates the client when schema.prisma changes, and Next reloads it with this module. An instance of the
  // old client knows no new table. In production there is one, of which every bundle has a copy.
  const source = env().production ? "the only one" : PrismaClient;
  const known = clients.get(source);
  if (known) return known;
  const { wait, transaction } = limitsOf(kind);
  const client = new PrismaClient({
    adapter: adapterFor(pool),
    transactionOptions: { maxWait: Math.max(wait, 1 * SECONDS), timeout: transaction },
  });
  clients.set(source, client);
  return client;
}

/** The gate's pool, for prepared statements: a query fails after `GATE_QUERY_TIMEOUT_MS`. */
export function pool(): pg.Pool {
  return opened("gate").pool;
}

/** For the proofs of the listener: one connection, opened as those of the gate's pool are. */
export function proofPool(): pg.Pool {
  return opened("proof").pool;
}

/** The Prisma client of sessions and accounts, on the gate's pool: a query fails after `GATE_QUERY_TIMEOUT_MS`. */
export function gatePrisma(): PrismaClient {
  return clientOf("gate");
}

/** The Prisma client for what you build: a pool of its own, where a query fails after `DATABASE_QUERY_TIMEOUT_MS`. */
export function prisma(): PrismaClient {
  return clientOf("app");
}

/** The Prisma client of background work: two connections, where a query fails after 30 s. */
export function backgroundPrisma(): PrismaClient {
  return clientOf("background");
}

/** The Prisma client of the mailer: each mail that is being sent holds a connection. */
export function mailPrisma(): PrismaClient {
  return clientOf("mail");
}

/** A transaction, or the client itself. */
export type Database = Prisma.TransactionClient;

/**
 * Runs `work` in a transaction of one of the clients above. Where PostgreSQL takes it back, after a deadlock for instance, it
 * is run again, from the start: `work` must have no effect but on the database.
 */
export function inTransaction<T>(client: PrismaClient, work: (db: Database) => Promise<T>): Promise<T> {
  return tryAgain(() => client.$transaction(work));
}

/** Whether this process can write to the database; asked without writing. Also false once the schema is missing. */
export async function databaseCanWrite(): Promise<boolean> {
  try {
    const { rows } = await pool().query<{ canWrite: boolean }>(CAN_WRITE);
    return rows[0]?.canWrite === true;
  } catch {
    return false;
  }
}

const CAN_WRITE = `SELECT current_setting('transaction_read_only') = 'off' AND NOT pg_is_in_recovery()
  AND has_table_privilege('sessions', 'INSERT') AND has_table_privilege('sessions', 'UPDATE') AS "canWrite"`;

/** Closes every connection; for the end of the process. */
export async function closeDatabase(): Promise<void> {
  const all = Object.values(database());
  for (const kind of Object.keys(database()) as Kind[]) delete database()[kind];
  for (const { pool, clients } of all) {
    for (const client of clients.values()) await client.$disconnect();
    if (!pool.ended) await pool.end();
  }
}
