import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Fleet } from "../support/fleet";
import type { OwnPostgres } from "../support/own-postgres";
import type { TcpProxy } from "../support/tcp-proxy";
import type { Slot } from "./checks";
import type { World } from "./world";

// What goes wrong while sessions are checked and ended. Each fault is over when its promise resolves.

/** One instance, with the roads that its feed and its pool take to the database. */
export type Place = Slot & { feedRoad: TcpProxy; poolRoad: TcpProxy; start(): Promise<void> };

export type Stage = { places: Place[]; fleet: Fleet; postgres: OwnPostgres; db: pg.Pool; pace: number };

type Fault = (stage: Stage, place: Place) => Promise<void>;

/** Waits for a random time between the two, in milliseconds at the usual pace. */
const lasting = ({ pace }: Stage, from: number, to: number) =>
  pause((from + Math.random() * (to - from)) * pace);

export const FAULTS: Record<string, Fault> = {
  async "feeds terminated"({ db }) {
    await db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey-feed'",
    );
  },
  async "feed reset"(_, { feedRoad }) {
    feedRoad.reset();
  },
  async "feed cut silently, what was sent arrives late"(stage, { feedRoad }) {
    feedRoad.cut();
    await lasting(stage, 300, 3_500);
    feedRoad.restore();
  },
  async "feed cut silently, then broken"(stage, { feedRoad }) {
    feedRoad.cut();
    await lasting(stage, 300, 2_500);
    feedRoad.reset();
    feedRoad.restore();
  },
  async "pool cut silently"(stage, { poolRoad }) {
    poolRoad.cut();
    await lasting(stage, 200, 2_000);
    poolRoad.restore();
  },
  async "feed and pool cut silently"(stage, { feedRoad, poolRoad }) {
    feedRoad.cut();
    poolRoad.cut();
    await lasting(stage, 200, 2_500);
    poolRoad.restore();
    feedRoad.restore();
  },
  async "pool connections terminated"({ db }) {
    await db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'",
    );
  },
  async "PostgreSQL paused"(stage) {
    const { postgres } = stage;
    postgres.pause();
    await lasting(stage, 1_000, 3_000);
    postgres.resume();
  },
  async "instance paused"(stage, { server }) {
    server?.kill("SIGSTOP");
    await lasting(stage, 1_000, 4_000);
    server?.kill("SIGCONT");
  },
  async "instance paused, its feed cut"(stage, { server, feedRoad }) {
    server?.kill("SIGSTOP");
    feedRoad.cut();
    await lasting(stage, 500, 2_500);
    server?.kill("SIGCONT");
    await lasting(stage, 0, 500);
    feedRoad.restore();
  },
  async "instance stopped and started"(_, place) {
    const { server } = place;
    place.server = null;
    await server?.stop();
    await place.start();
  },
  async "instance killed and started"(_, place) {
    const { server } = place;
    place.server = null;
    server?.kill("SIGKILL");
    await server?.ended;
    await place.start();
  },
};

/** Commits faults one after the other, every kind once, then every kind again, until `signal` aborts. */
export async function keepFailing(world: World, stage: Stage, signal: AbortSignal): Promise<void> {
  const kinds = Object.keys(FAULTS);
  for (let turn = 0; !signal.aborted; turn += 1) {
    if (turn % kinds.length === 0) kinds.sort(() => Math.random() - 0.5);
    const kind = kinds[turn % kinds.length] ?? "";
    const place = stage.places[Math.floor(Math.random() * stage.places.length)];
    if (!place) return;
    await lasting(stage, 100, 500);
    await FAULTS[kind]?.(stage, place);
    world.count(`fault: ${kind}`);
  }
}
