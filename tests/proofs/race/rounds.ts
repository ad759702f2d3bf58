import type pg from "pg";
import { addDevices, type Fleet } from "../support/fleet";
import { check } from "./checks";
import { type Reply, send } from "./client";
import { endAs, logIn } from "./endings";
import { type Held, type User, World } from "./world";

// Twenty requests at once about the sessions of one user, at two instances: checks, endings, log-ins and touches.

/** A last use so long ago that every check writes a new one. */
const SEEN_AGO = 120;

export async function runRounds(fleet: Fleet, db: pg.Pool, rounds: number, leaseMs: number): Promise<World> {
  const world = new World(leaseMs);
  for (let round = 0; round < rounds; round += 1) await runRound(world, fleet, db, round);
  return world;
}

async function runRound(world: World, fleet: Fleet, db: pg.Pool, round: number): Promise<void> {
  const { person, devices } = await addDevices(fleet, db, 5, { startedAgo: 600, seenAgo: SEEN_AGO });
  const user = world.addUser(person);
  for (const device of devices) await world.addSession(user, async () => device);
  const [a, b, c, d, e] = [...user.held] as [Held, Held, Held, Held, Held];
  const all = [a, b, c, d, e];
  const [one, two] = fleet.servers as [Fleet["servers"][number], Fleet["servers"][number]];
  const server = () => (Math.random() < 0.5 ? one : two);
  const at = () => ({ kind: "app", server: server() }) as const;

  let othersEnded = 0;
  const endOthers = async (caller: Held, url: string) => {
    const status = await endAs(world, url, "end others", caller, caller);
    if (status === 200) othersEnded += 1;
  };
  const requests: (() => Promise<unknown>)[] = [
    ...all.map((held) => () => check(world, at(), held, "verify by Bearer")),
    ...all.map((held) => () => check(world, at(), held, "verify by cookie")),
    () => check(world, at(), a, "list of sessions"),
    () => touch(world, server().url, b, c),
    () => touch(world, server().url, d, d),
    () => endAs(world, server().url, "end one", a, d),
    () => endAs(world, server().url, "end one", d, b),
    () => endAs(world, server().url, "log out", c, c),
    () => world.addSession(user, () => logIn(world, fleet, server().url, user)),
    () => endOthers(a, one.url),
    () => endOthers(b, two.url),
    () => check(world, at(), e, "page"),
  ];
  requests.sort(() => Math.random() - 0.5);
  await Promise.all(requests.map((request) => request()));

  // The session that ended the others ended all of them, and may itself have been ended later.
  const { rows } = await db.query<{ id: string }>(
    "SELECT id FROM sessions WHERE id = ANY($1) AND ended_at IS NULL",
    [all.map(({ id }) => id)],
  );
  if (othersEnded > 0 && rows.length > 1)
    world.violations.push(`round ${round}: ${rows.length} sessions survived logout-others`);
  await lookBack(world, fleet, user, all, rows);
  world.users.splice(0);
  world.count("rounds");
}

async function lookBack(
  world: World,
  fleet: Fleet,
  user: User,
  all: Held[],
  live: { id: string }[],
): Promise<void> {
  const isLive = ({ id }: Held) => live.some((row) => row.id === id);
  for (const held of all) {
    if (Number.isFinite(held.endedAt) && isLive(held))
      world.violations.push(`${held.id} had ended and lives in the database`);
  }
  await Promise.all(
    [...all, ...user.held].flatMap((held) =>
      fleet.servers.map((server) => check(world, { kind: "app", server }, held, "verify by Bearer")),
    ),
  );
}

async function touch(world: World, url: string, caller: Held, target: Held): Promise<Reply> {
  const reply = await send(
    "PATCH",
    `${url}/api/auth/sessions/${target.id}`,
    { authorization: `Bearer ${caller.token}` },
    { name: "renamed" },
  );
  world.count(`touch answered ${reply.status}`);
  if (![200, 401, 404, 503].includes(reply.status))
    world.violations.push(`a touch was answered ${reply.status}: ${reply.text.slice(0, 300)}`);
  if (reply.status === 200 && reply.begunAt > Math.min(caller.endedAt, target.endedAt))
    world.violations.push("a touch succeeded after the answer to an ending");
  return reply;
}
