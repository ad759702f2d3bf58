import type pg from "pg";
import type { Server } from "../../support/http/server";
import { addDevices, type Device, type Fleet } from "../support/fleet";
import { send } from "./client";

// Ends sessions one after the other at one of several instances that all know them, and asks each of the instances
// right after the answer.

export type Outcome = { violations: string[]; times: number[] };

const API = ["Bearer", "cookie"] as const;

export async function endEverywhere(fleet: Fleet, db: pg.Pool, endings: number): Promise<Outcome> {
  const outcome: Outcome = { violations: [], times: [] };
  const { devices } = await addDevices(fleet, db, endings + 1);
  const [ender, ...doomed] = devices;
  if (!ender) throw new Error("There is no device.");
  for (const [turn, target] of doomed.entries()) await endAndAsk(fleet, ender, target, turn, outcome);
  return outcome;
}

async function endAndAsk(
  fleet: Fleet,
  ender: Device,
  target: Device,
  turn: number,
  { violations, times }: Outcome,
): Promise<void> {
  const known = await Promise.all(fleet.servers.map((server) => asks(server, target, API)));
  for (const { how, status } of known.flat())
    if (status !== 200) violations.push(`${how} refused a live session: ${status}`);

  const at = fleet.servers[turn % fleet.servers.length] ?? fleet.servers[0];
  const { status, begunAt, endedAt } = await send("DELETE", `${at?.url}/api/auth/sessions/${target.id}`, {
    authorization: `Bearer ${ender.token}`,
  });
  if (status !== 204) violations.push(`the ending was answered ${status}`);
  times.push(endedAt - begunAt);

  const after = await Promise.all(fleet.servers.map((server) => asks(server, target, [...API, "page"])));
  for (const { how, status, location } of after.flat()) {
    const refused = how === "page" ? status === 307 && location.startsWith("/login") : status === 401;
    if (!refused) violations.push(`${how} answered ${status} after the ending`);
  }
}

type Way = "Bearer" | "cookie" | "page";
type Asked = { how: Way; status: number; location: string };

/** Asks one instance in several ways at once. */
async function asks({ url }: Server, { token, cookie }: Device, ways: readonly Way[]): Promise<Asked[]> {
  return Promise.all(
    ways.map(async (how) => {
      const headers: Record<string, string> =
        how === "Bearer" ? { authorization: `Bearer ${token}` } : { cookie: `session=${cookie}` };
      const path = how === "page" ? "/sessions" : "/api/auth/verify";
      const { status, location } = await send("GET", url + path, headers);
      return { how, status, location: location.replace(/^https?:\/\/[^/]+/, "") };
    }),
  );
}
