import type { Device } from "@/app/(account)/sessions/device-view";
import type { Row } from "./rows";

/** Remembers up to when somebody knows of sign-ins. It belongs to one session, so that nobody else's news are hidden. */
export const KNOWN_COOKIE = "known_sign_ins";

/** The value of the cookie: `until` is RFC 3339. */
export function knownUntil({ id }: Pick<Device, "id">, until: string): string {
  return `${id}.${Date.parse(until)}`;
}

/** The rows of sign-ins that are news to this device, latest first. `cookie` is as the browser sent it. */
export function newsFor(here: Device, rows: Row[], cookie: string | null): Row[] {
  const [id, until] = cookie?.split(".") ?? [];
  const known = id === here.id && until && /^\d{1,15}$/.test(until) ? Number(until) : 0;
  const since = Math.max(Date.parse(here.signedInAt), known);
  const at = ({ device }: Row) => Date.parse(device.signedInAt);
  return rows.filter((row) => at(row) > since).sort((a, b) => at(b) - at(a));
}
