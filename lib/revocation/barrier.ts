import "server-only";
import { randomUUID } from "node:crypto";
import { log } from "@/lib/log";
import { observeRevocation } from "@/lib/metrics";
import { SECONDS } from "@/lib/time";
import { type Listed, listOthers, takeOffTheList, tellAndList } from "./instances";
import { open, sign } from "./messages";

// The asker's half: an ending waits here until every instance knows. The other half, hearing and
// acknowledging, is in acknowledge.ts. docs/revocation.md argues both.

type Asker = {
  /** Names this process in the table `instances`. */
  readonly id: string;
  /** Whether acknowledgements can arrive, as the feed says; without, the rows of the others are looked at. */
  hears: boolean;
  /** The number of the latest fence. It counts in this process, so nothing in the database can set it back. */
  fences: number;
  /** When the others were last asked to write into their rows what they acknowledge. */
  askedForRowsAt: number;
  /** The database of the pool, as far as is known: what is told is signed for it. */
  database: string;
  /** Instance → its highest acknowledgement of a fence of ours. What was acknowledged once stays true. */
  acknowledged: Map<string, number>;
  waiters: Set<() => void>;
};

const holder = globalThis as typeof globalThis & { latchkeyAsker?: Asker };

/** This process, as it asks others; kept by the feed. */
export function asker(): Asker {
  holder.latchkeyAsker ??= {
    id: randomUUID(),
    hears: false,
    fences: 0,
    askedForRowsAt: Number.NEGATIVE_INFINITY,
    database: "",
    acknowledged: new Map(),
    waiters: new Set(),
  };
  return holder.latchkeyAsker;
}

/** That instance has applied all news from before a fence of ours; `database` is the one of the feed. */
export function hearAcknowledgement(database: string, payload: string): void {
  const { id, acknowledged, waiters } = asker();
  const [instance, askedBy, number] = open("acknowledgement", database, payload) ?? [];
  if (!instance || askedBy !== id) return;
  acknowledged.set(instance, Math.max(Number(number), acknowledged.get(instance) ?? 0));
  for (const wake of [...waiters]) wake();
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Tells the latest fence, to be acknowledged on our channel or in the rows; gives the list of the others. */
async function tell(answerBy: "channel" | "row"): Promise<Listed[]> {
  const { id, fences, database } = asker();
  if (answerBy === "row") asker().askedForRowsAt = performance.now();
  const message = sign("fence", database, [id, String(fences), answerBy]);
  const told = await tellAndList(message, database, id);
  if (told.database === database) return told.rows;
  // The first fence of this process, or its pool leads elsewhere now.
  asker().database = told.database;
  return tell(answerBy);
}

type Told = { fence: number; others: Listed[]; at: number };
let telling: Promise<Told> | null = null;

/** The next fence; all endings of one turn of the event loop share it. Call after the commit. */
function nextFence(): Promise<Told> {
  telling ??= nextTurn().then(async () => {
    telling = null;
    asker().fences += 1;
    const fence = asker().fences;
    const others = await tell(asker().hears ? "channel" : "row");
    return { fence, others, at: performance.now() };
  });
  return telling;
}

/** The latest fence is told again every so many milliseconds: an instance, or we, may have missed what was told. */
const TELL_AGAIN_AFTER = 100;
/** Leases for which an ending waits for somebody who renews them and yet acknowledges nothing. */
const MOST_LEASES = 3;

/** An instance goes on beating, and does not acknowledge. To the caller it is like a database that does not answer. */
export class NotAcknowledged extends Error {
  readonly code = "ETIMEDOUT";

  constructor() {
    super("An instance holds a lease and does not acknowledge. Has it another COOKIE_PASSWORD?");
    this.name = "NotAcknowledged";
  }
}

type Silent = { beat: string; since: number; lease: number };

/**
 * Returns once every other instance has applied all news committed before the call, or can no longer answer from
 * memory. Takes a few milliseconds in a healthy fleet; one lease at most after an instance fell silent, which is then
 * taken off the list. Throws when the database does not answer, or an instance holds its lease and does not understand
 * us: then nothing may be said about the ending yet.
 */
export async function fence(): Promise<void> {
  const startedAt = performance.now();
  const { fence, others, at } = await nextFence();
  // The asker itself has applied its own news already.
  const silent = new Map<string, Silent>(
    others.map(({ id, beat, lease }) => [id, { beat, since: at, lease }]),
  );
  const giveUpAt = at + MOST_LEASES * Math.max(...others.map(({ lease }) => lease)) + 1 * SECONDS;
  const strike = () => {
    for (const id of silent.keys()) if ((asker().acknowledged.get(id) ?? 0) >= fence) silent.delete(id);
  };

  let lookAt = nextLook();
  for (strike(); silent.size > 0; strike()) {
    await nextAcknowledgement(lookAt);
    // However many acknowledgements come from others: those who are silent are looked at in time.
    if (performance.now() < lookAt) continue;
    await lookAtRows(silent, fence);
    if (silent.size > 0 && performance.now() > giveUpAt) {
      log.error("ending_not_acknowledged", { instances: [...silent.keys()] });
      throw new NotAcknowledged();
    }
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

let looking: Promise<Listed[]> | null = null;

/** The list, for all who look in one turn of the event loop; if it is time, the latest fence is told again with it. */
function look(): Promise<Listed[]> {
  looking ??= nextTurn().then(async () => {
    looking = null;
    const { id, askedForRowsAt } = asker();
    return performance.now() - askedForRowsAt < TELL_AGAIN_AFTER ? listOthers(id) : tell("row");
  });
  return looking;
}

/** Strikes the instances whose row says that they heard, and those whose lease has run out. */
async function lookAtRows(silent: Map<string, Silent>, fence: number): Promise<void> {
  const rows = await look();
  const now = performance.now();
  for (const [id, seen] of [...silent]) {
    const row = rows.find((each) => each.id === id);
    if (!row || (row.acknowledged[asker().id] ?? 0) >= fence) silent.delete(id);
    else if (row.beat !== seen.beat) silent.set(id, { beat: row.beat, since: now, lease: row.lease });
    // No clock of another machine is read: that beat was sent before we saw it, a whole lease ago on our clock.
    else if (now - seen.since >= seen.lease && (await strikeOff(id, seen.beat))) silent.delete(id);
  }
  forgetTheGone(rows);
}

async function strikeOff(id: string, beat: string): Promise<boolean> {
  const isGone = await takeOffTheList(id, beat);
  if (isGone) log.info("instance_taken_off_the_list", { instance: id });
  return isGone;
}

/** What was acknowledged by instances that are on the list no more is of no use. */
function forgetTheGone(rows: Listed[]): void {
  const { acknowledged } = asker();
  for (const id of [...acknowledged.keys()]) if (!rows.some((row) => row.id === id)) acknowledged.delete(id);
}
