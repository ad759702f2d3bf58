import "server-only";
import { randomUUID } from "node:crypto";
import { pool } from "@/lib/db";
import { log } from "@/lib/log";
import { observeRevocation } from "@/lib/metrics";
import { SECONDS } from "@/lib/time";

// The asker's half of the feed: whoever has ended something waits here until everybody knows. The other half, hearing
// and acknowledging, is in feed.ts. docs/revocation.md argues both.

/** The channel of PostgreSQL on which all news goes out. */
export const NEWS = "latchkey";

type Asker = {
  /** Names this process in the table `instances`. */
  readonly id: string;
  /** Whether acknowledgements can arrive, as the feed says; without, the rows of the others are looked at. */
  hears: boolean;
  /** What other instances have acknowledged on the feed's present connection: instance → highest. */
  acknowledged: Map<string, bigint>;
  waiters: Set<() => void>;
};

const holder = globalThis as typeof globalThis & { latchkeyAsker?: Asker };

/** This process, as it asks others; kept by the feed. */
export function asker(): Asker {
  holder.latchkeyAsker ??= { id: randomUUID(), hears: false, acknowledged: new Map(), waiters: new Set() };
  return holder.latchkeyAsker;
}

/** `<instance>:<number>`: that instance has applied all news from before the number. */
export function hearAcknowledgement(payload: string): void {
  const [instance = "", number = "0"] = payload.split(":");
  const { acknowledged, waiters } = asker();
  const fenceNumber = BigInt(number);
  if (fenceNumber > (acknowledged.get(instance) ?? 0n)) acknowledged.set(instance, fenceNumber);
  for (const wake of [...waiters]) wake();
}

type Row = { id: string; beat: string; heard: string; lease_ms: number };
type Drawn = { fenceNumber: bigint; rows: Row[]; at: number };

let drawing: Promise<Drawn> | null = null;

/** Draws a number and tells it; all endings of one turn of the event loop share it. Call after the commit. */
function draw(): Promise<Drawn> {
  drawing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
    drawing = null;
    const { id, hears } = asker();
    const { rows } = await pool().query<Row & { fence: string }>({
      name: "fence",
      text: `WITH drawn AS MATERIALIZED (SELECT nextval('fences') AS fence),
               told AS MATERIALIZED (SELECT fence, pg_notify('${NEWS}', 'f' || fence || ':' || $1::text) FROM drawn)
             SELECT told.fence, i.id, i.beat, i.heard, i.lease_ms FROM told LEFT JOIN instances i ON i.id <> $2`,
      values: [hears ? id : "", id],
    });
    const fenceNumber = BigInt(rows[0]?.fence ?? 0);
    return { fenceNumber, rows: rows.filter((row) => row.id !== null), at: performance.now() };
  });
  return drawing;
}

/**
 * Returns once every other instance has applied all news committed before the call, or can no longer answer from
 * memory. Takes a few milliseconds in a healthy fleet; one lease at most after an instance fell silent, which is then
 * taken off the list. Throws when the database does not answer: then nothing may be said about the ending yet.
 */
export async function fence(): Promise<void> {
  const startedAt = performance.now();
  const { fenceNumber, rows, at } = await draw();
  // The asker itself has applied its own news already.
  const silent = new Map(rows.map((row) => [row.id, { beat: row.beat, since: at, lease: row.lease_ms }]));
  const strike = () => {
    for (const id of silent.keys())
      if ((asker().acknowledged.get(id) ?? 0n) >= fenceNumber) silent.delete(id);
  };

  let lookAt = nextLook();
  for (strike(); silent.size > 0; strike()) {
    await nextAcknowledgement(lookAt);
    // However many acknowledgements come from others: those who are silent are looked at in time.
    if (performance.now() < lookAt) continue;
    await lookAtRows(silent, fenceNumber);
    lookAt = nextLook();
  }
  observeRevocation("instances", (performance.now() - startedAt) / SECONDS);
}

/** When to look at the rows next. All endings that wait look at the same moments, so that they share the look. */
function nextLook(): number {
  const every = asker().hears ? 100 : 20;
  return (Math.floor(performance.now() / every) + 1) * every;
}

/** Resolves at the next acknowledgement, whosever it is, and at the moment `at` without one. */
function nextAcknowledgement(at: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      asker().waiters.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, at - performance.now());
    asker().waiters.add(wake);
  });
}

let looking: Promise<Row[]> | null = null;

/** The list; all who ask in one turn of the event loop share a query. */
function look(): Promise<Row[]> {
  looking ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
    looking = null;
    return (await pool().query<Row>("SELECT id, beat, heard, lease_ms FROM instances")).rows;
  });
  return looking;
}

/** Strikes the instances whose row says that they heard, and those whose lease has run out. */
async function lookAtRows(
  silent: Map<string, { beat: string; since: number; lease: number }>,
  fenceNumber: bigint,
): Promise<void> {
  const rows = await look();
  const now = performance.now();
  for (const [id, seen] of [...silent]) {
    const row = rows.find((each) => each.id === id);
    if (!row || BigInt(row.heard) >= fenceNumber) silent.delete(id);
    else if (row.beat !== seen.beat) silent.set(id, { beat: row.beat, since: now, lease: row.lease_ms });
    // No clock of another machine is read: that beat was sent before we saw it, a whole lease ago on our clock.
    else if (now - seen.since >= seen.lease && (await takeOffTheList(id, seen.beat))) silent.delete(id);
  }
}

/** Deletes the row unless it was renewed meanwhile; an instance that finds no row begins anew, with an empty memory. */
async function takeOffTheList(id: string, beat: string): Promise<boolean> {
  const { rowCount } = await pool().query("DELETE FROM instances WHERE id = $1 AND beat = $2", [id, beat]);
  if (rowCount === 1) {
    asker().acknowledged.delete(id);
    log.info("instance_taken_off_the_list", { instance: id });
  }
  return rowCount === 1;
}
