import { send } from "../race/client";
import type { Device } from "./fleet";

// What a device asks of an instance, as short as tests need it.

type At = { url: string };

/** The status of `verify` by Bearer. */
export async function ask({ url }: At, { token }: Pick<Device, "token">): Promise<number> {
  return (await send("GET", `${url}/api/auth/verify`, { authorization: `Bearer ${token}` })).status;
}

/** The status of `verify` by cookie. */
export async function askByCookie({ url }: At, { cookie }: Pick<Device, "cookie">): Promise<number> {
  return (await send("GET", `${url}/api/auth/verify`, { cookie: `session=${cookie}` })).status;
}

/** Ends `target` as `ender`; gives the status, and how long the answer took in milliseconds. */
export async function end(
  { url }: At,
  ender: Pick<Device, "token">,
  target: Pick<Device, "id">,
): Promise<{ status: number; took: number }> {
  const { status, begunAt, endedAt } = await send("DELETE", `${url}/api/auth/sessions/${target.id}`, {
    authorization: `Bearer ${ender.token}`,
  });
  return { status, took: endedAt - begunAt };
}

/**
 * The same on a connection of its own. One that was kept idle may be closed by a server that stood still, as soon as it
 * goes on.
 */
export async function askAnew({ url }: At, { token }: Pick<Device, "token">): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, connection: "close" };
  return (await fetch(`${url}/api/auth/verify`, { headers })).status;
}
