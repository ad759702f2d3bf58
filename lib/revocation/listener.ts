import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { Connection } from "@/lib/database/connection";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { SECONDS } from "@/lib/time";
import { createAcknowledger } from "./acknowledger";
import { hearNews } from "./doubt";
import { asker, hearAcknowledgement } from "./barrier";
import { enterList, FEED_APPLICATION, leaveList, renew, takeOffTheList, whereConnected } from "./instances";
import { dropLease, leaseLeft, takeLease } from "./cache";
import { parseNews } from "./notifications";
import { channelOf, claimsToBe, NEWS } from "./messages";
import { createProver, FeedIsDeaf, type Prover } from "./proof";

// One connection brings the news, renews the lease and acknowledges the fences of others (acknowledge.ts). It must be one:
// what renews also hears, since PostgreSQL sends notifications and answers down the same stream, in order. And
// it must hear the database of DATABASE_URL: each renewal is followed by a proof of that (proof.ts). docs/revocation.md argues
// both.

/** Part of the lease that is left unused, against clocks that run at different speeds. */
const DRIFT = 0.05;
const LONGEST_BACKOFF = 2 * SECONDS;

type Feed = {
  /** The connection that is on the list; null in between. */
  client: pg.Client | null;
  /** Whether it has had a lease. */
  isConnected: boolean;
  /** Ends the present connection's loop; null when the feed is not running. */
  stop: (() => void) | null;
  stopped: boolean;
  /** The last beat of this process that is known to be in the table. */
  beat: string | null;
  connections: number;
  /** Connections that did not hear. */
  deaf: number;
  /** What was logged last: a state is told once, however often it is tried to leave it. */
  said: string;
  /** How full PostgreSQL's queue of notifications was at the last renewal, from 0 to 1. */
  queue: number;
};

const holder = globalThis as typeof globalThis & { latchkeyFeed?: Feed };

function feed(): Feed {
  holder.latchkeyFeed ??= {
    client: null,
    isConnected: false,
    stop: null,
    stopped: false,
    beat: null,
    connections: 0,
    deaf: 0,
    said: "",
    queue: 0,
  };
  return holder.latchkeyFeed;
}

/** State of the feed, for the metrics and for readiness. */
export function feedState(): { connected: boolean; connections: number; deaf: number; queue: number } {
  const { isConnected, connections, deaf, queue } = feed();
  return { connected: isConnected, connections, deaf, queue };
}

/** Keeps the feed connected until `stopFeed`, with back-off. Returns at once. */
export function startFeed(): void {
  if (!env().feed || feed().stopped) return;
  void keepConnected();
}

async function keepConnected(): Promise<void> {
  let backoff = 50;
  while (!feed().stopped) {
    const startedAt = performance.now();
    try {
      await connectOnce();
    } catch (error) {
      if (!feed().stopped) sayLost(error);
    }
    dropLease();
    if (!feed().stopped) leaveAfterLoss().catch(() => {});
    backoff = performance.now() - startedAt > 10 * SECONDS ? 50 : Math.min(2 * backoff, LONGEST_BACKOFF);
    if (!feed().stopped) await pause(backoff * (0.5 + Math.random()));
  }
}

function sayLost(error: unknown): void {
  const isDeaf = error instanceof FeedIsDeaf;
  if (isDeaf) feed().deaf += 1;
  const state = isDeaf ? `feed_does_not_hear: ${error.why}` : "feed_lost";
  if (feed().said === state) return;
  feed().said = state;
  if (!isDeaf) {
    log.error("feed_lost", { error });
    return;
  }
  const { why, message } = error;
  // An instance that stood still for a whole lease is taken off the list: most of the time no fault of the settings.
  const say = why === "unlisted" ? log.info : log.error;
  say("feed_does_not_hear", { instance: asker().id, why, message });
}

function sayConnected(): void {
  if (feed().isConnected) return;
  feed().isConnected = true;
  feed().connections += 1;
  feed().said = "";
  log.info("feed_connected", { instance: asker().id });
}

/** One connection, from LISTEN to its end. Resolves when the feed is stopped, rejects when the connection fails. */
async function connectOnce(): Promise<void> {
  const { lease, feedDatabaseUrl } = env();
  const client = new Connection({
    connectionString: feedDatabaseUrl,
    connectionTimeoutMillis: lease,
    // A renewal that takes a whole lease is of no use; the connection may be cut without a sound.
    query_timeout: lease,
    keepAlive: true,
    application_name: FEED_APPLICATION,
  });
  const ended = new Promise<never>((_, reject) => {
    client.once("error", reject);
    client.once("end", () => reject(new Error("The connection was closed.")));
  });
  ended.catch(() => {});
  const stopped = new Promise<void>((resolve) => {
    feed().stop = resolve;
  });

  try {
    await Promise.race([client.connect(), ended]);
    await Promise.race([holdLease(client), ended, stopped]);
  } finally {
    feed().client = null;
    feed().isConnected = false;
    asker().hears = false;
    dropLease();
    // A connection that no longer answers would not close politely.
    client.end().catch(() => {});
    client.destroy();
  }
}

/**
 * Listens, proves that it hears, and only then enters this process among those that every ending waits for. LISTEN comes
 * first, so no news falls in between. The row is written over the feed; then it must be seen through DATABASE_URL, and the
 * feed must hear that it was. A lease counts from before all that.
 */
async function holdLease(client: pg.Client): Promise<void> {
  const { id } = asker();
  const { lease } = env();
  const { database, pid } = await whereConnected(client);
  const prover = listenTo(client, database);
  await client.query(`LISTEN ${NEWS}; LISTEN ${channelOf(id)}`);
  await prover.prove(null, lease);
  feed().client = client;
  asker().hears = true;

  for (let write = enterList; ; write = renew) {
    const sentAt = performance.now();
    const wallSentAt = Date.now();
    const written = await write(client, id, lease);
    if (feed().client !== client) return;
    // Somebody waited for a whole lease without hearing from us.
    if (!written) throw new FeedIsDeaf("unlisted");
    if (written.pid !== pid) throw new FeedIsDeaf("pooler");
    feed().beat = written.beat;
    feed().queue = written.queue;
    if (await isProven(prover, written.beat)) {
      if (feed().client !== client) return;
      takeLease(sentAt, wallSentAt, lease * (1 - DRIFT));
      sayConnected();
    }
    // Where the database is slow, the next one begins sooner after this one.
    await pause(Math.max(lease / 16, sentAt + lease / 4 - performance.now()));
  }
}

/** A database that does not answer proves nothing, for or against: while there is a lease, it is asked again. */
async function isProven(prover: Prover, beat: string): Promise<boolean> {
  try {
    await prover.prove(beat, env().lease);
    return true;
  } catch (error) {
    if (error instanceof FeedIsDeaf || leaseLeft() === 0) throw error;
    return false;
  }
}

/** Takes what a connection to `database` hears to those whom it concerns, in order. */
function listenTo(client: pg.Client, database: string): Prover {
  const { id } = asker();
  const prover = createProver(id, database);
  const acknowledger = createAcknowledger(client, id, database);
  client.on("notification", ({ channel, payload = "" }) => {
    if (channel === NEWS && claimsToBe("fence", payload)) acknowledger.hear(payload);
    else if (channel === NEWS) for (const news of parseNews(payload)) hearNews(news);
    else if (claimsToBe("proof", payload)) prover.hear(payload);
    else hearAcknowledgement(database, payload);
  });
  return prover;
}

/** By its beat, so that a delayed deletion cannot take away the row of the next registration. */
async function leaveAfterLoss(): Promise<void> {
  const { beat } = feed();
  if (beat !== null) await takeOffTheList(asker().id, beat);
}

/** Gives the lease up, then leaves the list, so that no ending waits for a server that has gone. */
export async function stopFeed(): Promise<void> {
  feed().stopped = true;
  dropLease();
  feed().stop?.();
  // If it fails, an ending will find out by itself.
  await leaveList(asker().id).catch(() => {});
}
