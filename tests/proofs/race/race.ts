import { setTimeout as pause } from "node:timers/promises";
import { urlOfDatabase, withConnection } from "@/scripts/database";
import { applyMigrations } from "@/scripts/migrations/migrate";
import { connect } from "../../support/database/database";
import { type OwnPostgres, startOwnPostgres } from "../../support/database/own-postgres";
import { TcpProxy } from "../../support/database/tcp-proxy";
import type { Verifier } from "../../support/http/verifier";
import { settingFor } from "../../support/runner/slowness";
import { Fleet } from "../support/fleet";
import { check, type Kind, keepChecking } from "./checks";
import { closeConnections } from "./client";
import { keepEnding, keepJoining, keepLoggingIn } from "./endings";
import { FAULTS, keepFailing, type Place, type Stage } from "./faults";
import { keepForging } from "./forgeries";
import { type Held, World } from "./world";

// Two production instances of the app and a verifier on one database, under checks, endings, log-ins and faults at once.

export type RaceOptions = {
  /** The race is over after this many checks, but not before every kind of fault was committed `rounds` times … */
  checks: number;
  rounds: number;
  /** … and at the latest after this many milliseconds, but not before `least` checks were accepted and as many refused. */
  longest: number;
  least: number;
  leaseMs: number;
  /** How long faults last, 1 being usual. */
  pace: number;
  /** Milliseconds without a fault between two of them, on average. */
  quiet: number;
  report?: (line: string) => void;
};

const CHECKERS_PER_INSTANCE = 12;
const ENDERS = 6;

export async function race(options: RaceOptions): Promise<World> {
  const world = new World(options.leaseMs);
  const stage = await prepare(options);
  const { places, fleet, db } = stage;
  const stop = new AbortController();
  const reporting = setInterval(() => options.report?.(summary(world)), 30_000);
  try {
    const { signal } = stop;
    const faults = keepFailing(world, stage, signal);
    const work = [
      keepJoining(world, fleet, db, signal),
      keepLoggingIn(world, fleet, places, signal),
      keepForging(world, stage, signal),
      ...Array.from({ length: ENDERS }, () => keepEnding(world, places, db, signal)),
      ...places.flatMap((place) =>
        Array.from({ length: CHECKERS_PER_INSTANCE }, () => keepChecking(world, place, signal)),
      ),
    ];
    await Promise.race([lasts(world, options), faults, ...work]);
    stop.abort();
    await Promise.all([faults, ...work]);
    await settle(world, stage, options);
  } finally {
    clearInterval(reporting);
    stop.abort();
    await leave(stage);
  }
  options.report?.(summary(world));
  return world;
}

async function prepare({ leaseMs, pace, quiet }: RaceOptions): Promise<Stage> {
  const postgres = await startOwnPostgres();
  const fleet = await Fleet.start(0, {
    databaseUrl: postgres.url,
    // Under faults most answers are 503, and a client that waits longer for them checks less.
    env: { GATE_QUERY_TIMEOUT_MS: String(settingFor(1_000)) },
  });
  const kinds = ["app", "app", "verifier"] as const;
  const places = await Promise.all(kinds.map((kind) => openPlace(kind, fleet, postgres, leaseMs)));
  await Promise.all(places.map((place) => place.start()));
  const elsewhere = urlOfDatabase(postgres.url, "elsewhere");
  await withConnection(postgres.url, (client) => client.query("CREATE DATABASE elsewhere"));
  await applyMigrations(elsewhere);
  return { postgres, fleet, places, db: connect(postgres.url), elsewhere, pace, quiet };
}

async function openPlace(kind: Kind, fleet: Fleet, { url }: OwnPostgres, leaseMs: number): Promise<Place> {
  const [feedRoad, poolRoad] = await Promise.all([TcpProxy.to(url), TcpProxy.to(url)]);
  const env = {
    DATABASE_URL: poolRoad.through(url),
    FEED_DATABASE_URL: feedRoad.through(url),
    LEASE_MS: String(leaseMs),
  };
  // A database that is away keeps a server from being ready.
  const keepStarting = async (start: () => Promise<Verifier>) => {
    for (let attempt = 1; place.server === null; attempt += 1) {
      place.server = await start().catch((error: unknown) => {
        if (attempt === 5) throw error;
        return null;
      });
    }
  };
  const place: Place = {
    kind,
    server: null,
    feedRoad,
    poolRoad,
    start: () => keepStarting(() => (kind === "app" ? fleet.add(env) : fleet.addVerifier(env))),
    startAstray(feed) {
      const astray = { ...env, FEED_DATABASE_URL: feed };
      return keepStarting(() =>
        kind === "app" ? fleet.addWithoutLease(astray) : fleet.addVerifier(astray, "astray"),
      );
    },
  };
  return place;
}

async function lasts(world: World, { checks, rounds, longest, least }: RaceOptions): Promise<void> {
  const deadline = performance.now() + longest;
  const isDone = () =>
    world.counted("checks") >= checks &&
    Object.keys(FAULTS).every((kind) => world.counted(`fault: ${kind}`) >= rounds);
  const isLate = () =>
    performance.now() >= deadline &&
    ["accepted", "refused"].every((outcome) => world.counted(outcome) >= least);
  while (!isDone() && !isLate() && world.violations.length === 0) await pause(100);
}

/** When all is quiet again: what ended is refused everywhere and stays ended, and what did not end lives. */
async function settle(world: World, { places, db }: Stage, { leaseMs }: RaceOptions): Promise<void> {
  await pause(2 * leaseMs + 1_000);
  const survivors = world.users.flatMap(({ held }) => [...held]).filter(({ attempted }) => !attempted);
  const sample = [...world.ended.slice(-150), ...survivors.slice(0, 50)];
  for (const held of sample) {
    const answers = await Promise.all(places.map((place) => askUntilToldSo(world, place, held)));
    if (answers.some((accepted) => accepted !== survivors.includes(held)))
      world.violations.push(`at the end, whether ${held.id} was accepted: ${answers.join(", ")}`);
  }
  world.count("survivors", survivors.length);
  const { rows } = await db.query<{ id: string }>(
    "SELECT id FROM sessions WHERE id = ANY($1) AND ended_at IS NULL",
    [world.ended.map(({ id }) => id)],
  );
  for (const { id } of rows) world.violations.push(`${id} had ended and lives in the database`);
  const lines = places.flatMap(({ server }) => server?.lines ?? []);
  for (const line of lines.filter((each) => each.includes('"unexpected_error"')).slice(0, 10))
    world.violations.push(line.slice(0, 2_000));
}

/** A busy machine may need a few attempts until nobody is too late. */
async function askUntilToldSo(world: World, place: Place, held: Held): Promise<boolean | null> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const accepted = await check(world, place, held, "verify by Bearer");
    if (accepted !== null) return accepted;
    await pause(200);
  }
  return null;
}

async function leave({ places, fleet, postgres, db }: Stage): Promise<void> {
  postgres.resume();
  for (const { feedRoad, poolRoad } of places) {
    feedRoad.restore();
    poolRoad.restore();
  }
  closeConnections();
  await fleet.stop();
  await db.end();
  await Promise.all(places.flatMap(({ feedRoad, poolRoad }) => [feedRoad.stop(), poolRoad.stop()]));
  await postgres.stop();
}

export function summary(world: World): string {
  const counts = [...world.counts].sort(([a], [b]) => a.localeCompare(b));
  const sorted = world.endings.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.floor((sorted.length - 1) * q)]?.toFixed(1);
  return [
    counts.map(([what, count]) => `${what} ${count}`).join(", "),
    `endings answered after ${quantile(0.5)} ms (p50), ${quantile(0.99)} ms (p99), ${quantile(1)} ms (longest)`,
    `violations ${world.violations.length}`,
  ].join("; ");
}
