import "server-only";
import type pg from "pg";
import { pool } from "@/lib/db";
import { log } from "@/lib/log";
import { CHANNEL, DATABASE } from "./messages";

// All queries on the list of instances that may answer from their cache, except the proof (proof.ts).

/** A row of the list. */
export type Listed = {
  id: string;
  /** A number that no other heartbeat has had. */
  heartbeat: string;
  /** How long a heartbeat keeps the lease, in milliseconds. */
  lease: number;
  /** Coordinator → the number of its latest acknowledged barrier, for coordinators that cannot listen. */
  acknowledged: Record<string, number>;
};

const LISTED = `i.id, i.beat AS heartbeat, i.lease_ms AS lease, i.acknowledged`;

/**
 * Fails where nothing can be written, as on a primary that was replaced: its list is out of date. Locks no row.
 */
const WRITABLE = `NOT EXISTS (SELECT FROM instances WHERE false FOR KEY SHARE)`;

/** Name of the listener's connections in `pg_stat_activity`. */
export const LISTENER_APPLICATION = "latchkey-feed";

/** Identifies a backend by its number and its start, since numbers are reused. */
const BACKEND = `pid || '/' || extract(epoch FROM backend_start)`;

/** Returns the database and the backend at the other end of a connection. */
export async function whereConnected(client: pg.Client): Promise<{ database: string; pid: number }> {
  const { rows } = await client.query<{ database: string; pid: number }>(
    `SELECT ${DATABASE} AS database, pg_backend_pid() AS pid`,
  );
  return rows[0] ?? { database: "", pid: 0 };
}

/** What the listener has written: its heartbeat, the backend that did it, and how full PostgreSQL's queue is, from 0 to 1. */
export type Written = { heartbeat: string; pid: number; queue: number };

const WRITTEN = "beat AS heartbeat, pg_backend_pid() AS pid, pg_notification_queue_usage() AS queue";

/** Adds an instance to the list, over the connection of its listener. */
export async function enterList(client: pg.Client, id: string, lease: number): Promise<Written | null> {
  const { rows } = await client.query<Written>(
    `INSERT INTO instances (id, lease_ms, backend)
     VALUES ($1, $2, (SELECT ${BACKEND} FROM pg_stat_activity WHERE pid = pg_backend_pid()))
     ON CONFLICT (id) DO UPDATE SET beat = excluded.beat, lease_ms = excluded.lease_ms, backend = excluded.backend
     RETURNING ${WRITTEN}`,
    [id, lease],
  );
  return rows[0] ?? null;
}

/** Sends a heartbeat over the connection of the listener. Null if the instance is no longer on the list. */
export async function renew(client: pg.Client, id: string): Promise<Written | null> {
  const { rows } = await client.query<Written>({
    name: "renew",
    text: `UPDATE instances SET beat = DEFAULT WHERE id = $1 RETURNING ${WRITTEN}`,
    values: [id],
  });
  return rows[0] ?? null;
}

/** Writes the acknowledgements of an instance into its row, for coordinators that cannot listen. */
export async function writeAcknowledged(
  client: pg.Client,
  id: string,
  acknowledged: Map<string, number>,
): Promise<void> {
  await client.query("UPDATE instances SET acknowledged = $2 WHERE id = $1", [
    id,
    JSON.stringify(Object.fromEntries(acknowledged)),
  ]);
}

// A notification makes its transaction write. Nothing is lost if this one does not survive a crash: no cache does.
const TELL = {
  name: "tell-barrier",
  text: `WITH here AS MATERIALIZED (SELECT ${DATABASE} AS database WHERE ${WRITABLE}),
           told AS MATERIALIZED (
             SELECT database, set_config('synchronous_commit', 'off', true),
               CASE WHEN database = $2 THEN pg_notify('${CHANNEL}', $1)::text END
             FROM here)
         SELECT told.database, ${LISTED} FROM told LEFT JOIN instances i ON i.id <> $3`,
};

/**
 * Sends a message that was signed for `database`, and returns the list without the instance `id`, in one statement and one
 * transaction. If the pool leads to another database, sends nothing and returns that one.
 */
export async function tellAndList(
  message: string,
  database: string,
  id: string,
): Promise<{ database: string; rows: Listed[] }> {
  const { rows } = await pool().query<Listed & { database: string }>({
    ...TELL,
    values: [message, database, id],
  });
  return { database: rows[0]?.database ?? "", rows: rows.filter((row) => row.id !== null) };
}

/** Returns the list without the instance `id`. */
export async function listOthers(id: string): Promise<Listed[]> {
  return (
    await pool().query<Listed>(`SELECT ${LISTED} FROM instances i WHERE i.id <> $1 AND ${WRITABLE}`, [id])
  ).rows;
}

/**
 * Deletes the row of an instance if its heartbeat is still the given one, and ends the connection of its listener: a process
 * that stands still keeps PostgreSQL from clearing its queue of notifications, until that is full and no revocation can
 * commit. Returns whether there was such a row.
 */
export async function evict(id: string, heartbeat: string): Promise<boolean> {
  const { rows } = await pool().query<{ backend: string | null }>(
    "DELETE FROM instances WHERE id = $1 AND beat = $2 RETURNING backend",
    [id, heartbeat],
  );
  if (rows[0]?.backend) void endBackend(id, rows[0].backend);
  return rows.length > 0;
}

/** Removes an instance that no longer answers from its cache, however recent its heartbeat. */
export async function leaveList(id: string): Promise<void> {
  await pool().query("DELETE FROM instances WHERE id = $1", [id]);
}

/** Needs the role of the listener, or `pg_signal_backend`. Revocations go on without it. */
async function endBackend(instance: string, backend: string): Promise<void> {
  try {
    await pool().query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE ${BACKEND} = $1 AND application_name = $2 AND datname = current_database()`,
      [backend, LISTENER_APPLICATION],
    );
  } catch (error) {
    log.error("feed_of_lost_instance_not_ended", { instance, error });
  }
}
