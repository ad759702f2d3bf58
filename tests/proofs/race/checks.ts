import { setTimeout as pause } from "node:timers/promises";
import type { Verifier } from "../../support/http/verifier";
import { send } from "./client";
import type { Held, World } from "./world";

/** What is asked: the app, or the verifier, which has other paths and neither lists nor pages. */
export type Kind = "app" | "verifier";
/** A place where an instance runs, or is being started again. */
export type Slot = { kind: Kind; server: Verifier | null };

/** Three ways to ask the gate, and the pages behind the proxy, which cost ten times as much. */
const WAYS = [
  { how: "verify by Bearer", share: 0.64 },
  { how: "verify by cookie", share: 0.33 },
  { how: "list of sessions", share: 0.022 },
  { how: "page", share: 0.008 },
] as const;
type Way = (typeof WAYS)[number]["how"];

const PATHS: Record<Kind, Record<Way, string>> = {
  app: {
    "verify by Bearer": "/api/auth/verify",
    "verify by cookie": "/api/auth/verify",
    "list of sessions": "/api/auth/sessions",
    page: "/sessions",
  },
  // By Bearer in place of the list, and by cookie in place of the page.
  verifier: {
    "verify by Bearer": "/verify",
    "verify by cookie": "/verify",
    "list of sessions": "/forward",
    page: "/forward",
  },
};

function anyWay(): Way {
  let left = Math.random();
  for (const { how, share } of WAYS) {
    left -= share;
    if (left < 0) return how;
  }
  return WAYS[0].how;
}

/** Checks sessions at one instance until `signal` aborts. */
export async function keepChecking(world: World, slot: Slot, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const held = world.anySession();
    if (slot.server && held) await check(world, slot, held, anyWay());
    else await pause(20);
  }
}

/** One check. Gives whether the session was accepted; null when that was not said, or nobody is there to say it. */
export async function check(
  world: World,
  { kind, server }: Slot,
  held: Held,
  way: Way,
): Promise<boolean | null> {
  if (!server) return null;
  const how = kind === "app" ? way : `${way}, at the verifier`;
  const byCookie = way === "verify by cookie" || way === "page";
  const isPage = kind === "app" && way === "page";
  const headers: Record<string, string> = byCookie
    ? { cookie: `session=${held.cookie}` }
    : { authorization: `Bearer ${held.token}` };
  const { status, text, begunAt } = await send("GET", server.url + PATHS[kind][way], headers);
  world.count("checks");
  world.count(how);
  const accepted = isPage ? readPage(status, text, held) : readAnswer(status);
  if (accepted === null) {
    // A page has no better word for an absent database than 500.
    const what = status === 0 ? "no answer" : isPage ? "page not shown" : `answered ${status}`;
    world.count(what);
    if (status !== 503 && (what === `answered ${status}` || ![0, 200, 500].includes(status)))
      world.violations.push(`${how} answered ${status}: ${text.slice(0, 300)}`);
    return null;
  }
  world.judge(held, accepted, begunAt, how);
  return accepted;
}

function readAnswer(status: number): boolean | null {
  if (status === 200) return true;
  return status === 401 ? false : null;
}

/** A page whose answer had begun when the gate refused sends people away in its text; or it only says that it failed. */
function readPage(status: number, text: string, { user }: Held): boolean | null {
  if (status === 307 || status === 303) return false;
  if (status !== 200) return null;
  if (text.includes(user.person.name)) return true;
  return text.includes("NEXT_REDIRECT") ? false : null;
}
