import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { freshAddress } from "../../support/http/client";
import { addPerson, PASSWORD } from "../../support/people/people";
import { randomName } from "../../support/people/secrets";
import type { Device, Fleet } from "../support/fleet";
import { check, type Slot } from "./checks";
import { send } from "./client";
import { type Held, pick, type User, type World } from "./world";

// Everything that begins or ends a session, while others check them.

const KINDS = ["end one", "log out", "end others", "end all", "by hand", "by hand"] as const;
type Kind = (typeof KINDS)[number];

/** Ends sessions of all kinds until `signal` aborts. */
export async function keepEnding(
  world: World,
  slots: Slot[],
  db: pg.Pool,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(Math.random() * 30);
    const server = pick(slots.filter(({ kind }) => kind === "app"))?.server;
    const user = world.somebody();
    const kind = pick(KINDS);
    const caller = pick([...(user?.held ?? [])]);
    if (!server || !user || !kind || !caller) continue;
    if (kind === "by hand") await endByHand(world, caller, db);
    else {
      const target = kind === "end one" ? (pick([...user.held]) ?? caller) : caller;
      // Everybody knows one of those that will end, and is asked about it while the answer is still warm.
      const watched = kind === "end others" ? pick([...user.held].filter((each) => each !== caller)) : target;
      await askEverybody(world, slots, watched);
      await endAs(world, server.url, kind, caller, target);
      await askEverybody(world, slots, watched);
    }
  }
}

async function askEverybody(world: World, slots: Slot[], held: Held | undefined): Promise<void> {
  if (!held) return;
  await Promise.all(slots.map((slot) => check(world, slot, held, "verify by Bearer")));
}

/** Ends sessions as `caller`, notes what follows from the answer, and gives its status. */
export async function endAs(
  world: World,
  url: string,
  kind: Exclude<Kind, "by hand">,
  caller: Held,
  target: Held,
): Promise<number> {
  const { user } = caller;
  const path = {
    "end one": `/api/auth/sessions/${target.id}`,
    "log out": "/api/auth/logout",
    "end others": "/api/auth/logout-others",
    "end all": "/api/auth/logout-all",
  }[kind];
  const isBulk = kind === "end others" || kind === "end all";
  const doomed = isBulk ? [...user.held].filter((each) => kind === "end all" || each !== caller) : [target];
  for (const each of doomed) each.attempted = true;
  if (isBulk) user.bulk.begun += 1;
  const method = kind === "end one" ? "DELETE" : "POST";
  const { status, text, begunAt, endedAt } = await send(method, url + path, {
    authorization: `Bearer ${caller.token}`,
  });
  if (isBulk) user.bulk.over += 1;
  world.count(`ending answered ${status}`);

  if (status === 200 || status === 204) {
    world.count(kind);
    world.noteEnded(doomed, endedAt);
    world.endings.push(endedAt - begunAt);
  } else if (status === 404) {
    // There is no such live session; or the caller has ended, which only happens to one that somebody ends.
    if (!caller.attempted) world.noteEnded([target], endedAt);
  } else if (status === 401) {
    caller.attempted = true;
    // Who is told so may rely on it, too.
    if (/session_ended|account_disabled/.test(text)) world.noteEnded([caller], endedAt);
  } else if (status !== 503 && status !== 0)
    world.violations.push(`${kind} answered ${status}: ${text.slice(0, 300)}`);
  return status;
}

const BY_HAND = {
  "ended by SQL": "UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1",
  "deleted by SQL": "DELETE FROM sessions WHERE id = $1",
  "user disabled by SQL": "UPDATE users SET disabled_at = now() WHERE id = $1",
  "user deleted by SQL": "DELETE FROM users WHERE id = $1",
} as const;

async function endByHand(world: World, held: Held, db: pg.Pool): Promise<void> {
  const [kind, text] = pick(Object.entries(BY_HAND)) ?? [];
  if (!kind || !text) return;
  const { user } = held;
  const isUser = kind.startsWith("user");
  // For ever: a later member has another id.
  if (isUser) user.bulk.begun += 1;
  const doomed = isUser ? [...user.held] : [held];
  for (const each of doomed) each.attempted = true;
  try {
    await db.query(text, [isUser ? user.person.id : held.id]);
    world.noteEndedByHand(doomed, performance.now());
    world.count(kind);
  } catch {
    // Perhaps it was committed, perhaps not: nothing is known of those sessions any more.
    world.count("by hand, unknown");
  }
  if (isUser && world.users.includes(user)) world.users.splice(world.users.indexOf(user), 1);
}

const USERS = 40;
const SESSIONS = 6;

/** Keeps the number of users and sessions up, mostly by hand, since signing in costs a password hash. */
export async function keepJoining(
  world: World,
  fleet: Fleet,
  db: pg.Pool,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (world.users.length < USERS) world.addUser(await addPerson(db, { name: `Ada ${randomName()}` }));
      const poor = world.users.find(({ held }) => held.size < SESSIONS);
      if (!poor) await pause(5);
      else await world.addSession(poor, () => fleet.session(db, poor.person));
    } catch {
      await pause(50);
    }
  }
}

/** Signs in over and over, by password. */
export async function keepLoggingIn(
  world: World,
  fleet: Fleet,
  slots: Slot[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(100);
    const server = pick(slots.filter(({ kind }) => kind === "app"))?.server;
    const user = world.somebody();
    if (!server || !user) continue;
    await world.addSession(user, () => logIn(world, fleet, server.url, user));
  }
}

export async function logIn(world: World, fleet: Fleet, url: string, user: User): Promise<Device | null> {
  const body = { email: user.person.email, password: PASSWORD };
  const headers = { "x-forwarded-for": freshAddress() };
  const { status, text } = await send("POST", `${url}/api/auth/login`, headers, body);
  world.count(`log-in answered ${status}`);
  if (status === 200) {
    const { token, session } = JSON.parse(text) as { token: string; session: { id: string } };
    return fleet.deviceOf(session.id, user.person.id, token);
  }
  // 429: log-ins that were cut short count as guesses. 401: the user is gone.
  const isExpected = [0, 503, 429].includes(status) || (status === 401 && user.bulk.begun > user.bulk.over);
  if (!isExpected) world.violations.push(`a log-in was answered ${status}: ${text.slice(0, 300)}`);
  return null;
}
