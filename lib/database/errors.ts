import "server-only";

// The one list of the errors of a database in trouble. Each of them is a 503, never a 500: the same call may succeed
// later. What is not on it is a mistake of ours, or of the caller.

/**
 * PostgreSQL's codes (its manual, appendix A), by class or one by one. Left out on purpose: 22 and 23 (values and
 * constraints), 25P02 (a statement after a failed one), 42601 (syntax) and the like, which only a mistake of ours can cause.
 */
export const SQLSTATES: Record<string, string> = {
  "08": "the connection failed",
  "0A000": "a prepared statement is older than the last migration",
  "25006": "the server only reads: after a fail-over, or by a setting",
  "25P03": "the server cut a transaction that was idle",
  "25P04": "the server cut a transaction that took long",
  "26000": "a pooler lost a prepared statement",
  "28": "the server does not let us in: a password was changed, or pg_hba.conf",
  "3D000": "the database is not there",
  "3F000": "the schema is not there",
  "40": "the server took the transaction back: a deadlock, or a conflict with another one",
  "42501": "a privilege is missing",
  "42703": "a column is not there: not migrated yet, or being restored",
  "42883": "a function is not there: likewise",
  "42P01": "a table is not there: likewise",
  "42P05": "a pooler gave one connection's prepared statements to another",
  "53": "disk, memory or connections have run out",
  "54000": "the notification queue is full, or transaction numbers have run out",
  "55000": "the server is not in a state to do it: the database takes no connections",
  "55006": "the database is in use by somebody who must be alone with it",
  "55P03": "a lock was not to be had in time",
  "57": "an operator or a time limit stopped it, or the server starts, stops or crashed",
  "58": "the server's operating system failed it",
  "72000": "the rows of that snapshot are gone",
  F0: "the server cannot read its configuration",
  XX: "the server failed, or its data are damaged; some poolers say everything this way",
};

/** What node-postgres says without a code. */
const DRIVER =
  /^(timeout expired|timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed and is not queryable|Cannot use a pool after calling end|Received unexpected \w+ message from backend|received invalid response|The server does not support SSL|There was an error establishing an SSL connection|SASL: )/;

/** System calls that failed (ECONNRESET, EAI_AGAIN, EMFILE …), and streams and TLS that broke. */
const NETWORK = /^(E(?!RR_)[A-Z_\d]+|ERR_(SSL|TLS|STREAM|SOCKET)_\w+)$/;

/**
 * Prisma: P1… cannot reach, P2021 and P2022 table or column not there, P2024 no connection in time, P2028 transaction
 * lost, P2034 conflict, P2037 too many connections.
 */
const PRISMA = /^(P1\d{3}|P2021|P2022|P2024|P2028|P2034|P2037)$/;

/** Of Prisma's adapter, where no code of PostgreSQL's comes with it. */
const ADAPTER = new Set(["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TlsConnectionError"]);

/** Thrown by the pool when no connection can be had. `cause` has the reason. */
export class NoConnection extends Error {
  readonly code = "EDATABASE";

  constructor(cause: unknown) {
    super("There is no connection to the database.", { cause });
    this.name = "NoConnection";
  }
}

/** One layer of an error: Prisma keeps what its adapter said in `meta`, with PostgreSQL's own code innermost. */
type Layer = {
  code?: unknown;
  originalCode?: unknown;
  kind?: unknown;
  message?: unknown;
  routine?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: unknown };
};

function layersOf(error: unknown): Layer[] {
  const layers: Layer[] = [];
  let layer = error as Layer | null | undefined;
  while (typeof layer === "object" && layer !== null && layers.length < 6) {
    layers.push(layer);
    layer = (layer.meta?.driverAdapterError ?? layer.cause) as Layer | null | undefined;
  }
  return layers;
}

const codesOf = ({ code, originalCode }: Layer) =>
  [code, originalCode].filter((each) => typeof each === "string");

/** Whether an error means that the database cannot answer now, so that the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  return layersOf(error).some(
    (layer) =>
      codesOf(layer).some((code) => isTrouble(code, layer)) ||
      (typeof layer.kind === "string" && ADAPTER.has(layer.kind)) ||
      (typeof layer.message === "string" && DRIVER.test(layer.message)),
  );
}

function isTrouble(code: string, layer: Layer): boolean {
  // "Feature not supported" is our mistake, except for the one case that a migration causes.
  if (code === "0A000") return isOutdatedPlan(layer);
  if (/^[0-9A-Z]{5}$/.test(code) && (code in SQLSTATES || code.slice(0, 2) in SQLSTATES)) return true;
  return NETWORK.test(code) || PRISMA.test(code);
}

const isOutdatedPlan = ({ routine }: Layer) => routine === "RevalidateCachedQuery";

/**
 * Whether the server undid all of it, so that trying again may work, if need be on another connection: a transaction that was
 * rolled back, a read-only connection, a plan or a prepared statement that is out of date.
 */
export function isWorthAnotherTry(error: unknown): boolean {
  return layersOf(error).some((layer) =>
    codesOf(layer).some((code) => {
      if (code === "0A000") return isOutdatedPlan(layer);
      return /^(40001|40P01|P2034|25006|26000|42P05)$/.test(code);
    }),
  );
}

/** Whether this error makes a connection useless, while a new one may work. */
export function isUseless({ code, routine }: { code?: unknown; routine?: unknown }): boolean {
  if (code === "0A000") return isOutdatedPlan({ routine });
  return typeof code === "string" && /^(08|28|57P|58|XX)|^(25006|25P03|25P04|26000|42P05)$/.test(code);
}
