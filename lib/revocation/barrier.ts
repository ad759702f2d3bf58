import "server-only";
import { randomUUID } from "node:crypto";
import { oncePerTurn } from "@/lib/batch";
import { log } from "@/lib/log";
import { observeRevocation } from "@/lib/metrics";
import { singleton } from "@/lib/singleton";
import { SECONDS } from "@/lib/time";
import { evict, type Listed, listOthers, tellAndList } from "./instances";
import { open, sign } from "./messages";

// The coordinator's half of the barrier: a revocation waits here until every instance has acknowledged it. The other half
// is acknowledger.ts. docs/revocation.md has the argument for both.

type Coordinator = {
  /** Names this process in the table `instances`. */
  readonly id: string;
  /** Whether acknowledgements can arrive, as the listener knows. If not, the rows of the others are polled. */
  hears: boolean;
  /** The number of the latest barrier. This process counts, so nothing in the database can set it back. */
  barriers: number;
  /** When the others were last asked to write their acknowledgements into their rows. */
  askedForRowsAt: number;
  /** The database of the pool, as last seen: messages are signed for it. */
  database: string;
  /** Instance → the highest of our barriers that it has acknowledged. An acknowledgement never becomes false. */
  acknowledged: Map<string, number>;
  waiters: Set<() => void>;
};

/** This process as a coordinator. The listener keeps `hears` up to date. */
export const coordinator = singleton(
  "coordinator",
  (): Coordinator => ({
    id: randomUUID(),
    hears: false,
    barriers: 0,
    askedForRowsAt: Number.NEGATIVE_INFINITY,
    database: "",
    acknowledged: new Map(),
    waiters: new Set(),
  }),
);

/** Handles an acknowledgement: that instance has applied every notification from before one of our barriers. */
export function hearAcknowledgement(database: string, payload: string): void {
  const { id, acknowledged, waiters } = coordinator();
  const [instance, askedBy, number] = open("acknowledgement", database, payload) ?? [];
  if (!instance || askedBy !== id) return;
  acknowledged.set(instance, Math.max(Number(number), acknowledged.get(instance) ?? 0));
  for (const wake of [...waiters]) wake();
}

/** Sends the latest barrier, to be acknowledged on our channel or in the rows. Returns the other instances. */
async function tell(answerBy: "channel" | "row"): Promise<Listed[]> {
  const { id, barriers, database } = coordinator();
  if (answerBy === "row") coordinator().askedForRowsAt = performance.now();
  const message = sign("barrier", database, [id, String(barriers), answerBy]);
  const told = await tellAndList(message, database, id);
  if (told.database === database) return told.rows;
  // The first barrier of this process, or its pool leads elsewhere now.
  coordinator().database = told.database;
  return tell(answerBy);
}

type Told = { number: number; others: Listed[]; at: number };

/** Sends the next barrier, which all revocations of one turn of the event loop share. Call after the commit. */
const tellNext = oncePerTurn(async (): Promise<Told> => {
  coordinator().barriers += 1;
  const number = coordinator().barriers;
  const others = await tell(coordinator().hears ? "channel" : "row");
  return { number, others, at: performance.now() };
});

/** Milliseconds after which the latest barrier is sent again: an instance, or we, may have missed a message. */
const TELL_AGAIN_AFTER = 100;
/** Leases after which a revocation gives up on an instance that sends heartbeats but acknowledges nothing. */
const MOST_LEASES = 3;

/** An instance sends heartbeats but does not acknowledge. Callers treat it as a database that does not answer. */
export class NotAcknowledged extends Error {
  readonly code = "ETIMEDOUT";

  constructor() {
    super("An instance holds a lease and does not acknowledge. Has it another COOKIE_PASSWORD?");
    this.name = "NotAcknowledged";
  }
}

type Silent = { heartbeat: string; since: number; lease: number };

/**
 * Returns once every other instance has applied all notifications committed before the call, or can no longer answer from
 * its cache. Takes a few milliseconds in a healthy fleet, and one lease at most after an instance fell silent, which is then
 * evicted. Throws if the database does not answer, or if an instance holds its lease and does not understand us: then the
 * caller must not claim success.
 */
export async function barrier(): Promise<void> {
  const startedAt = performance.now();
  const { number, others, at } = await tellNext();
  // The coordinator itself has applied its own revocation already.
  const silent = new Map<string, Silent>(
    others.map(({ id, heartbeat, lease }) => [id, { heartbeat, since: at, lease }]),
  );
  const giveUpAt = at + MOST_LEASES * Math.max(...others.map(({ lease }) => lease)) + 1 * SECONDS;
  const strike = () => {
    for (const id of silent.keys())
      if ((coordinator().acknowledged.get(id) ?? 0) >= number) silent.delete(id);
  };

  let lookAt = nextLook();
  for (strike(); silent.size > 0; strike()) {
    await nextAcknowledgement(lookAt);
    // Acknowledgements of others must not delay the look at those who are silent.
    if (performance.now() < lookAt) continue;
    await lookAtRows(silent, number);
    if (silent.size > 0 && performance.now() > giveUpAt) {
      log.error("ending_not_acknowledged", { instances: [...silent.keys()] });
      throw new NotAcknowledged();
    }
    lookAt = nextLook();
  }
  observeRevocation("instances", (performance.now() - startedAt) / SECONDS);
}

/** When to query the rows next. All waiting revocations use the same moments, so that they share the query. */
function nextLook(): number {
  const every = coordinator().hears ? 100 : 20;
  return (Math.floor(performance.now() / every) + 1) * every;
}

/** Resolves at the next acknowledgement from any instance, or at the moment `at`. */
function nextAcknowledgement(at: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      coordinator().waiters.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.max(0, at - performance.now()));
    coordinator().waiters.add(wake);
  });
}

/** Queries the list once for all callers of one turn of the event loop, and sends the latest barrier again if it is time. */
const look = oncePerTurn((): Promise<Listed[]> => {
  const { id, askedForRowsAt } = coordinator();
  return performance.now() - askedForRowsAt < TELL_AGAIN_AFTER ? listOthers(id) : tell("row");
});

/** Strikes the instances whose row has the acknowledgement, and evicts those whose lease has run out. */
async function lookAtRows(silent: Map<string, Silent>, number: number): Promise<void> {
  const rows = await look();
  const now = performance.now();
  for (const [id, seen] of [...silent]) {
    const row = rows.find((each) => each.id === id);
    if (!row || (row.acknowledged[coordinator().id] ?? 0) >= number) silent.delete(id);
    else if (row.heartbeat !== seen.heartbeat)
      silent.set(id, { heartbeat: row.heartbeat, since: now, lease: row.lease });
    // No clock of another machine is read: that heartbeat was sent before we saw it, a whole lease ago on our clock.
    else if (now - seen.since >= seen.lease && (await evictSilent(id, seen.heartbeat))) silent.delete(id);
  }
  forgetTheGone(rows);
}

async function evictSilent(id: string, heartbeat: string): Promise<boolean> {
  const isGone = await evict(id, heartbeat);
  if (isGone) log.info("instance_taken_off_the_list", { instance: id });
  return isGone;
}

/** Drops the acknowledgements of instances that have left the list. */
function forgetTheGone(rows: Listed[]): void {
  const { acknowledged } = coordinator();
  for (const id of [...acknowledged.keys()]) if (!rows.some((row) => row.id === id)) acknowledged.delete(id);
}
