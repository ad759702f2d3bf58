import { type EndedReason, endedByOthers } from "@/app/_components/end-words";
import type { EndedView, LiveView } from "@/lib/current/session";
import { reachOf } from "@/lib/network";

/** A live session in the words of the page, and small: a hundred of them go along with it. Times are RFC 3339 UTC. */
export type Device = {
  id: string;
  name: string;
  /** What tells it apart from others of the same name; null where none has it. */
  suffix: string | null;
  customName: string | null;
  defaultName: string;
  isCurrent: boolean;
  isApi: boolean;
  form: string;
  place: string;
  address: string | null;
  method: string;
  signedInAt: string;
  lastSeenAt: string;
  endsAt: string;
  /** Whether each use puts off the end. */
  isSliding: boolean;
};

/** How a session ended. */
export type End = {
  id: string;
  at: string;
  /** Null where the row is gone, and nobody says why. */
  reason: EndedReason | null;
  from: string | null;
  confirmedAt: string | null;
  /** Whether its device has yet to learn of it, or had to. */
  needsReceipt: boolean;
};

export function viewDevice(session: LiveView): Device {
  const { device, ends_at, expires_at, kind } = session;
  return {
    id: session.id,
    name: session.name,
    suffix: null,
    customName: session.custom_name === session.default_name ? null : session.custom_name,
    defaultName: session.default_name,
    isCurrent: session.current,
    isApi: kind === "api",
    form: kind === "api" ? "api" : device.type,
    place: placeOf(session),
    address: addressOf(session),
    method: methodOf(session.amr),
    signedInAt: session.created_at,
    lastSeenAt: session.last_seen_at,
    endsAt: ends_at,
    isSliding: ends_at < expires_at,
  };
}

export function viewEnd({ id, ended_at, ended_reason, ended_by, ...session }: EndedView): End | null {
  if (!ended_at || !ended_reason) return null;
  return {
    id,
    at: ended_at,
    reason: ended_reason,
    from: session.ended_from,
    confirmedAt: session.confirmed_at,
    needsReceipt: endedByOthers(ended_reason) && ended_by !== id,
  };
}

/** Where a device is, as far as anybody told; an address alone says nothing to most people. */
export function placeOf({ ip, location }: Pick<LiveView, "ip" | "location">): string {
  if (location) return location;
  const reach = ip === null ? "internet" : reachOf(ip);
  return { machine: "This computer", network: "Local network", internet: "Unknown place" }[reach];
}

/** The address of a device, unless it is this machine's own, which says nothing. */
export function addressOf({ ip }: Pick<LiveView, "ip">): string | null {
  return ip !== null && reachOf(ip) !== "machine" ? ip : null;
}

/** An address, as people know it. */
export function nameOfAddress(ip: string): string {
  return addressOf({ ip }) ?? placeOf({ ip, location: null });
}

/** RFC 8176 has the names. */
const METHODS: Record<string, string> = { pwd: "password" };

function methodOf(amr: string[]): string {
  return amr.map((method) => METHODS[method] ?? method).join(" and ");
}
