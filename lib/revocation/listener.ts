import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { Connection } from "@/lib/database/connection";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { singleton } from "@/lib/singleton";
import { SECONDS } from "@/lib/time";
import { createAcknowledger } from "./acknowledger";
import { coordinator, hearAcknowledgement } from "./barrier";
import { enterList, evict, LISTENER_APPLICATION, leaveList, renew, whereConnected } from "./instances";
import { dropLease, leaseLeft, takeLease } from "./lease";
import { CHANNEL, channelOf, claimsToBe } from "./messages";
import { createHearer, type FindEnded, parseNotification } from "./notifications";
import { createProver, ListenerIsDeaf, type Prover } from "./proof";

// One connection receives notifications, renews the lease and acknowledges the barriers of others (acknowledger.ts). It must
// be one connection: PostgreSQL sends notifications and answers down the same stream, in order, so what renews also hears.
// And it must reach the database of DATABASE_URL, which is proved after each heartbeat (proof.ts). Settings, metrics and log
// events call it the feed. docs/revocation.md has the argument.

/** Part of the lease that stays unused, because clocks run at different speeds. */
const DRIFT = 0.05;
const LONGEST_BACKOFF = 2 * SECONDS;

type ListenerState = {
  /** The connection that is on the list; null in between. */
  client: pg.Client | null;
  /** Whether it has had a lease. */
  isConnected: boolean;
  /** Ends the present connection's loop; null when the listener is not running. */
  stop: (() => void) | null;
  stopped: boolean;
  /** The last heartbeat of this process that is known to be in the table. */
  heartbeat: string | null;
  connections: number;
  /** Connections that did not hear. */
  deaf: number;
  /** The state that was logged last: each state is logged once, however many attempts to leave it fail. */
  logged: string;
  /** How full PostgreSQL's queue of notifications was at the last heartbeat, from 0 to 1. */
  queue: number;
};

const listener = singleton(
  "listener",
  (): ListenerState => ({
    client: null,
    isConnected: false,
    stop: null,
    stopped: false,
    heartbeat: null,
    connections: 0,
    deaf: 0,
    logged: "",
    queue: 0,
  }),
);

/** State of the listener, for the metrics and for readiness. */
export function listenerState(): { connected: boolean; connections: number; deaf: number; queue: number } {
  const { isConnected, connections, deaf, queue } = listener();
  return { connected: isConnected, connections, deaf, queue };
}

/** Keeps the listener connected until `stopListener`, with back-off. Returns at once. `findEnded` reads rows. */
export function startListener(findEnded: FindEnded): void {
  if (!env().feed || listener().stopped) return;
  void keepConnected(createHearer(findEnded));
}

type Hear = ReturnType<typeof createHearer>;

async function keepConnected(hear: Hear): Promise<void> {
  let backoff = 50;
  while (!listener().stopped) {
    const startedAt = performance.now();
    try {
      await connectOnce(hear);
    } catch (error) {
      if (!listener().stopped) logLost(error);
    }
    dropLease();
    if (!listener().stopped) leaveAfterLoss().catch(() => {});
    backoff = performance.now() - startedAt > 10 * SECONDS ? 50 : Math.min(2 * backoff, LONGEST_BACKOFF);
    if (!listener().stopped) await pause(backoff * (0.5 + Math.random()));
  }
}

function logLost(error: unknown): void {
  const isDeaf = error instanceof ListenerIsDeaf;
  if (isDeaf) listener().deaf += 1;
  const state = isDeaf ? `feed_does_not_hear: ${error.why}` : "feed_lost";
  if (listener().logged === state) return;
  listener().logged = state;
  if (!isDeaf) {
    log.error("feed_lost", { error });
    return;
  }
  const { why, message } = error;
  // An instance that stood still for a whole lease is evicted: the settings are seldom at fault.
  const write = why === "unlisted" ? log.info : log.error;
  write("feed_does_not_hear", { instance: coordinator().id, why, message });
}

function logConnected(): void {
  if (listener().isConnected) return;
  listener().isConnected = true;
  listener().connections += 1;
  listener().logged = "";
  log.info("feed_connected", { instance: coordinator().id });
}

/** One connection, from LISTEN to its end. Resolves when the listener is stopped, rejects when the connection fails. */
async function connectOnce(hear: Hear): Promise<void> {
  const { lease, feedDatabaseUrl } = env();
  const client = new Connection({
    connectionString: feedDatabaseUrl,
    connectionTimeoutMillis: lease,
    // A heartbeat that takes a whole lease is useless; the connection may be cut silently.
    query_timeout: lease,
    keepAlive: true,
    application_name: LISTENER_APPLICATION,
  });
  const ended = new Promise<never>((_, reject) => {
    client.once("error", reject);
    client.once("end", () => reject(new Error("The connection was closed.")));
  });
  ended.catch(() => {});
  const stopped = new Promise<void>((resolve) => {
    listener().stop = resolve;
  });

  try {
    await Promise.race([client.connect(), ended]);
    await Promise.race([holdLease(client, hear), ended, stopped]);
  } finally {
    listener().client = null;
    listener().isConnected = false;
    coordinator().hears = false;
    dropLease();
    // A connection that no longer answers would not close politely.
    client.end().catch(() => {});
    client.destroy();
  }
}

/**
 * Listens, proves that it hears, and only then adds this process to those that every revocation waits for. LISTEN comes first,
 * so no notification is lost in between. The listener writes the row; then it must be visible through DATABASE_URL, and
 * the listener must hear that it was. The lease counts from before all that.
 */
async function holdLease(client: pg.Client, hear: Hear): Promise<void> {
  const { id } = coordinator();
  const { lease } = env();
  const { database, pid } = await whereConnected(client);
  const prover = listenTo(client, database, hear);
  await client.query(`LISTEN ${CHANNEL}; LISTEN ${channelOf(id)}`);
  await prover.prove(null, lease);
  listener().client = client;
  coordinator().hears = true;

  for (let beat = enterList; ; beat = renew) {
    const sentAt = performance.now();
    const wallSentAt = Date.now();
    const written = await beat(client, id, lease);
    if (listener().client !== client) return;
    // Somebody waited for a whole lease without hearing from us.
    if (!written) throw new ListenerIsDeaf("unlisted");
    if (written.pid !== pid) throw new ListenerIsDeaf("pooler");
    listener().heartbeat = written.heartbeat;
    listener().queue = written.queue;
    if (await isProven(prover, written.heartbeat)) {
      if (listener().client !== client) return;
      takeLease(sentAt, wallSentAt, lease * (1 - DRIFT));
      logConnected();
    }
    // On a slow database, the next heartbeat follows sooner.
    await pause(Math.max(lease / 16, sentAt + lease / 4 - performance.now()));
  }
}

/** A database that does not answer proves nothing either way: while the lease lasts, the next heartbeat tries again. */
async function isProven(prover: Prover, heartbeat: string): Promise<boolean> {
  try {
    await prover.prove(heartbeat, env().lease);
    return true;
  } catch (error) {
    if (error instanceof ListenerIsDeaf || leaseLeft() === 0) throw error;
    return false;
  }
}

/** Dispatches the notifications of a connection to `database`, in order. */
function listenTo(client: pg.Client, database: string, hear: Hear): Prover {
  const { id } = coordinator();
  const prover = createProver(id, database);
  const acknowledger = createAcknowledger(client, id, database);
  client.on("notification", ({ channel, payload = "" }) => {
    if (channel === CHANNEL && claimsToBe("barrier", payload)) acknowledger.hear(payload);
    else if (channel === CHANNEL) for (const each of parseNotification(payload)) hear(each);
    else if (claimsToBe("proof", payload)) prover.hear(payload);
    else hearAcknowledgement(database, payload);
  });
  return prover;
}

/** Matches the heartbeat, so that a delayed deletion cannot remove the row of the next registration. */
async function leaveAfterLoss(): Promise<void> {
  const { heartbeat } = listener();
  if (heartbeat !== null) await evict(coordinator().id, heartbeat);
}

/** Gives the lease up, then leaves the list, so that no revocation waits for a server that has gone. */
export async function stopListener(): Promise<void> {
  listener().stopped = true;
  dropLease();
  listener().stop?.();
  // If it fails, a revocation will find out by itself.
  await leaveList(coordinator().id).catch(() => {});
}
