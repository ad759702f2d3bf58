import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { Connection } from "@/lib/database/connection";
import { pool } from "@/lib/db";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { SECONDS } from "@/lib/time";
import { asker, hearAcknowledgement, NEWS } from "./fence";
import { dropLease, takeLease } from "./memory";
import { applyNews, parseNews } from "./news";

// One connection brings the news, renews the lease and acknowledges the fences of others; their half is in fence.ts. It
// must be one: whatever renews also hears, since PostgreSQL sends notifications and answers down the same stream, in
// order. docs/revocation.md argues it.

const acknowledgements = (instance: string) => `latchkey_${instance.replaceAll("-", "")}`;

/** Part of the lease that is left unused, against clocks that run at different speeds. */
const DRIFT = 0.05;
const LONGEST_BACKOFF = 2 * SECONDS;

type Feed = {
  client: pg.Client | null;
  /** Ends the present connection's loop; null when the feed is not running. */
  stop: (() => void) | null;
  stopped: boolean;
  /** The last beat of this process that is known to be in the table. */
  beat: string | null;
  heard: bigint;
  /** Fences to acknowledge: asker → highest. */
  owed: Map<string, bigint>;
  connections: number;
};

const holder = globalThis as typeof globalThis & { latchkeyFeed?: Feed };

function feed(): Feed {
  holder.latchkeyFeed ??= {
    client: null,
    stop: null,
    stopped: false,
    beat: null,
    heard: 0n,
    owed: new Map(),
    connections: 0,
  };
  return holder.latchkeyFeed;
}

/** State of the feed, for the metrics and for readiness. */
export function feedState(): { connected: boolean; connections: number } {
  return { connected: feed().client !== null, connections: feed().connections };
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
      if (!feed().stopped) log.error("feed_lost", { error });
    }
    dropLease();
    if (!feed().stopped) leaveList().catch(() => {});
    backoff = performance.now() - startedAt > 10 * SECONDS ? 50 : Math.min(2 * backoff, LONGEST_BACKOFF);
    if (!feed().stopped) await pause(backoff * (0.5 + Math.random()));
  }
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
    application_name: "latchkey-feed",
  });
  const ended = new Promise<never>((_, reject) => {
    client.once("error", reject);
    client.once("end", () => reject(new Error("The connection was closed.")));
  });
  ended.catch(() => {});
  const stopped = new Promise<void>((resolve) => {
    feed().stop = resolve;
  });
  // What was heard belongs to the database of that connection: after a fail-over the numbers may start from lower.
  feed().heard = 0n;
  asker().acknowledged.clear();

  try {
    client.on("notification", ({ channel, payload }) => hear(client, channel, payload ?? ""));
    await Promise.race([client.connect(), ended]);
    await client.query(`LISTEN ${NEWS}; LISTEN ${acknowledgements(asker().id)}`);
    await register(client);
    feed().client = client;
    asker().hears = true;
    feed().connections += 1;
    log.info("feed_connected", { instance: asker().id });
    await Promise.race([renewForEver(client), ended, stopped]);
  } finally {
    feed().client = null;
    asker().hears = false;
    dropLease();
    // A connection that no longer answers would not close politely.
    client.end().catch(() => {});
    client.destroy();
  }
}

/**
 * Leaves the list of those that every ending waits for; only after the lease was given up. By its beat, so that a
 * delayed deletion cannot take away the row of the next registration; after the last one, whatever the beat.
 */
async function leaveList(): Promise<void> {
  const { id } = asker();
  const { beat, stopped } = feed();
  if (stopped) await pool().query("DELETE FROM instances WHERE id = $1", [id]);
  else if (beat !== null) await pool().query("DELETE FROM instances WHERE id = $1 AND beat = $2", [id, beat]);
}

/**
 * Enters this process among those that every ending waits for. LISTEN comes first, so no news falls in between. The
 * memory is empty, so whatever was committed before the number that is drawn here counts as heard: otherwise a fence
 * whose message came while there was no connection would never be acknowledged. That is told by the renewals and not
 * written here, where a registration of a lost connection that lands late would say it of a memory that is in use.
 */
async function register(client: pg.Client): Promise<void> {
  const { lease } = env();
  dropLease();
  const sentAt = performance.now();
  const wallSentAt = Date.now();
  const { rows } = await client.query<{ beat: string; fence: string }>(
    `INSERT INTO instances (id, lease_ms) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET beat = excluded.beat, lease_ms = excluded.lease_ms
     RETURNING beat, nextval('fences') AS fence`,
    [asker().id, lease],
  );
  feed().beat = rows[0]?.beat ?? null;
  hearNumber(BigInt(rows[0]?.fence ?? 0));
  takeLease(sentAt, wallSentAt, lease * (1 - DRIFT));
}

async function renewForEver(client: pg.Client): Promise<void> {
  const { lease } = env();
  for (;;) {
    const sentAt = performance.now();
    const wallSentAt = Date.now();
    const { rows } = await client.query<{ beat: string }>({
      name: "renew",
      text: "UPDATE instances SET beat = DEFAULT, heard = greatest(heard, $2) WHERE id = $1 RETURNING beat",
      values: [asker().id, feed().heard.toString()],
    });
    if (feed().client !== client) return;
    feed().beat = rows[0]?.beat ?? null;
    // Without a row: somebody waited for a whole lease without hearing from us and took us off the list.
    if (rows.length === 0) await register(client);
    else takeLease(sentAt, wallSentAt, lease * (1 - DRIFT));
    await pause(lease / 4);
  }
}

function hear(client: pg.Client, channel: string, payload: string): void {
  if (channel !== NEWS) hearAcknowledgement(payload);
  else if (payload.startsWith("f")) hearFence(client, payload);
  else for (const news of parseNews(payload)) applyNews(news);
}

/** `f<number>:<asker>`: all news that was committed before the number was drawn has been applied here. */
function hearFence(client: pg.Client, payload: string): void {
  const [number = "", askedBy = ""] = payload.slice(1).split(":");
  const fenceNumber = BigInt(number);
  hearNumber(fenceNumber);
  if (askedBy === asker().id) return;
  if (feed().owed.size === 0) setImmediate(() => void acknowledge(client));
  feed().owed.set(askedBy, fenceNumber);
}

function hearNumber(fenceNumber: bigint): void {
  if (fenceNumber > feed().heard) feed().heard = fenceNumber;
}

/** One statement for all askers of this turn of the event loop. The row serves those who cannot listen. */
async function acknowledge(client: pg.Client): Promise<void> {
  const { id } = asker();
  const { heard, owed } = feed();
  const channels = [...owed.keys()].filter((askedBy) => askedBy !== "").map(acknowledgements);
  const someoneReadsTheRow = owed.has("");
  owed.clear();
  try {
    if (channels.length > 0) {
      await client.query({
        name: "acknowledge",
        // A notification makes its transaction write, but nothing is lost if this one does not survive a crash.
        text: `SELECT set_config('synchronous_commit', 'off', true), pg_notify(channel, $2)
               FROM unnest($1::text[]) AS channel`,
        values: [channels, `${id}:${heard}`],
      });
    }
    if (someoneReadsTheRow) {
      await client.query("UPDATE instances SET heard = greatest(heard, $2) WHERE id = $1", [
        id,
        heard.toString(),
      ]);
    }
  } catch {
    // The connection is going; whoever waits will see the lease run out instead.
  }
}

/** Gives the lease up, then leaves the list, so that no ending waits for a server that has gone. */
export async function stopFeed(): Promise<void> {
  feed().stopped = true;
  dropLease();
  feed().stop?.();
  // If it fails, an ending will find out by itself.
  await leaveList().catch(() => {});
}
