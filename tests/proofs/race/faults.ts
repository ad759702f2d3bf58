import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { OwnPostgres } from "../../support/database/own-postgres";
import type { TcpProxy } from "../../support/database/tcp-proxy";
import type { Fleet } from "../support/fleet";
import { check, type Slot } from "./checks";
import { endAs } from "./endings";
import type { World } from "./world";

// What goes wrong while sessions are checked and ended.

/** One instance, with the roads that its feed and its pool take to the database. */
export type Place = Slot & {
  feedRoad: TcpProxy;
  poolRoad: TcpProxy;
  start(): Promise<void>;
  /** Starts it with a feed from elsewhere, which gives it no lease. */
  startAstray(feedDatabaseUrl: string): Promise<void>;
};

export type Stage = {
  places: Place[];
  fleet: Fleet;
  postgres: OwnPostgres;
  db: pg.Pool;
  /** Another database of the same schema. */
  elsewhere: string;
  /** How long faults last, 1 being usual. */
  pace: number;
  /** Milliseconds without a fault between two of them, on average. */
  quiet: number;
};

type Act = (place: Place, stage: Stage) => unknown;
/** `lasts`: from and to, in milliseconds at the usual pace. */
type Fault = { strike: Act; mend?: Act; lasts?: [number, number] };

const terminate = (applications: string[], { db }: Stage) =>
  db.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ANY($1)", [
    applications,
  ]);

const stop = (place: Place, signal: NodeJS.Signals) => {
  const { server } = place;
  place.server = null;
  server?.kill(signal);
  return server?.ended;
};

const restart = (signal: NodeJS.Signals): Fault => ({
  strike: (place) => stop(place, signal),
  mend: (place) => place.start(),
});

export const FAULTS: Record<string, Fault> = {
  "feeds terminated": { strike: (_, stage) => terminate(["latchkey-feed"], stage) },
  "feed reset": { strike: ({ feedRoad }) => feedRoad.reset() },
  "feed cut silently, what was sent arrives late": {
    strike: ({ feedRoad }) => feedRoad.cut(),
    lasts: [300, 3_500],
    mend: ({ feedRoad }) => feedRoad.restore(),
  },
  "feed cut silently, then broken": {
    strike: ({ feedRoad }) => feedRoad.cut(),
    lasts: [100, 2_500],
    mend: ({ feedRoad }) => {
      feedRoad.reset();
      feedRoad.restore();
    },
  },
  "feed hears nothing, but is heard": {
    strike: ({ feedRoad }) => feedRoad.holdAnswers(),
    lasts: [100, 2_500],
    mend: ({ feedRoad }) => feedRoad.restore(),
  },
  "pool cut silently": {
    strike: ({ poolRoad }) => poolRoad.cut(),
    lasts: [200, 2_000],
    mend: ({ poolRoad }) => poolRoad.restore(),
  },
  "answers to the pool late": {
    strike: ({ poolRoad }) => poolRoad.holdAnswers(),
    lasts: [50, 900],
    mend: ({ poolRoad }) => poolRoad.restore(),
  },
  "feed and pool cut silently": {
    strike: ({ feedRoad, poolRoad }) => {
      feedRoad.cut();
      poolRoad.cut();
    },
    lasts: [200, 2_500],
    mend: ({ feedRoad, poolRoad }) => {
      poolRoad.restore();
      feedRoad.restore();
    },
  },
  "pool connections terminated": { strike: (_, stage) => terminate(["latchkey", "latchkey-proof"], stage) },
  "PostgreSQL paused": {
    strike: (_, { postgres }) => postgres.pause(),
    lasts: [1_000, 3_000],
    mend: (_, { postgres }) => postgres.resume(),
  },
  "instance paused": {
    strike: ({ server }) => server?.kill("SIGSTOP"),
    lasts: [300, 4_000],
    mend: ({ server }) => server?.kill("SIGCONT"),
  },
  "instance paused, its feed cut": {
    strike: ({ server, feedRoad }) => {
      server?.kill("SIGSTOP");
      feedRoad.cut();
    },
    lasts: [300, 2_500],
    mend: async ({ server, feedRoad }) => {
      server?.kill("SIGCONT");
      await pause(Math.random() * 500);
      feedRoad.restore();
    },
  },
  "instance started with the feed of another database": {
    strike: async (place, { elsewhere }) => {
      await stop(place, "SIGTERM");
      await place.startAstray(elsewhere);
    },
    lasts: [1_000, 4_000],
    mend: async (place) => {
      await stop(place, "SIGTERM");
      await place.start();
    },
  },
  "PostgreSQL restarted, read-only": {
    strike: (_, { postgres }) => postgres.restart("read only"),
    lasts: [500, 3_000],
    mend: (_, { postgres }) => postgres.restart("read and write"),
  },
  "instance stopped and started": restart("SIGTERM"),
  "instance killed and started": restart("SIGKILL"),
};

/** Commits faults one after the other, every kind once, then every kind again, until `signal` aborts. */
export async function keepFailing(world: World, stage: Stage, signal: AbortSignal): Promise<void> {
  const kinds = Object.keys(FAULTS);
  for (let turn = 0; !signal.aborted; turn += 1) {
    if (turn % kinds.length === 0) kinds.sort(() => Math.random() - 0.5);
    const kind = kinds[turn % kinds.length] ?? "";
    const fault = FAULTS[kind];
    const places = stage.places.toSorted(() => Math.random() - 0.5);
    const [place] = places;
    const other = places.find((each) => each !== place && each.kind === "app");
    if (!fault || !place || !other) return;
    await pause(stage.quiet * (0.5 + Math.random()));
    await commit(world, stage, fault, place, other);
    world.count(`fault: ${kind}`);
  }
}

/** Commits a fault at `place`, and while it lasts ends a session at the other one that `place` has in memory. */
async function commit(world: World, stage: Stage, fault: Fault, place: Place, other: Slot): Promise<void> {
  const user = world.users.find(({ held }) => held.size > 1);
  const [target, caller] = [...(user?.held ?? [])];
  if (target) await check(world, place, target, "verify by Bearer");
  await fault.strike(place, stage);
  const probing = (async () => {
    if (!target || !caller || !other.server) return;
    await endAs(world, other.server.url, "end one", caller, target);
    await check(world, place, target, "verify by Bearer");
    world.count("probes");
  })();
  const [from, to] = fault.lasts ?? [0, 0];
  await pause((from + Math.random() * (to - from)) * stage.pace);
  await fault.mend?.(place, stage);
  await probing;
}
