import type { Device } from "@/app/(account)/sessions/device-view";
import { ACTIVE_WITHIN } from "@/lib/limits";
import { DAYS } from "@/lib/time";
import { clockTime, exactTime, relativeTime, shortTime } from "@/lib/time-words";

/** A sign-in is new for this long, in milliseconds: long enough for somebody who looks in once a week. */
const NEW_FOR = 7 * DAYS;
/** A device that was not used for this long, in milliseconds, has probably been forgotten. */
const FORGOTTEN_AFTER = 90 * DAYS;
/** From this length, a list is easier to read in groups. */
const GROUPED_FROM = 10;

/** Characters of a date in RFC 3339. */
const ISO_DATE = 10;

export type Group = "active" | "earlier" | "forgotten";

export const GROUPS: Record<Group, string> = {
  active: "Active now",
  earlier: "Earlier",
  forgotten: "Not used for 90 days",
};

export function isNew({ isCurrent, signedInAt }: Device, now: number): boolean {
  return !isCurrent && now - Date.parse(signedInAt) < NEW_FOR;
}

export function isActive({ isCurrent, lastSeenAt }: Device, now: number): boolean {
  return isCurrent || now - Date.parse(lastSeenAt) < ACTIVE_WITHIN;
}

export function groupOf(device: Device, now: number): Group {
  if (isActive(device, now)) return "active";
  return now - Date.parse(device.lastSeenAt) < FORGOTTEN_AFTER ? "earlier" : "forgotten";
}

export const isGrouped = (count: number) => count >= GROUPED_FROM;

/** New sign-ins first, then those in use, then those used last; in a long list within their groups. */
export function inOrder(devices: Device[], now: number): Device[] {
  const groups = Object.keys(GROUPS);
  const ranks = (device: Device) => [
    isGrouped(devices.length) ? groups.indexOf(groupOf(device, now)) : 0,
    isNew(device, now) ? 0 : 1,
    isActive(device, now) ? 0 : 1,
    -Date.parse(device.lastSeenAt),
  ];
  return devices.toSorted((a, b) => {
    const [ofA, ofB] = [ranks(a), ranks(b)];
    return ofA.map((rank, index) => rank - (ofB[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
  });
}

/** Gives devices with the same name the first suffix by which all of them differ. `locale` is BCP 47. */
export function distinguish(devices: Device[], now: Date, locale: string): Device[] {
  const sameName = new Map<string, Device[]>();
  for (const device of devices) {
    const name = device.name.toLocaleLowerCase();
    sameName.set(name, [...(sameName.get(name) ?? []), device]);
  }
  const suffixes = new Map<string, string>();
  const facts: ((device: Device) => string | null)[] = [
    ({ place }) => place,
    ({ address }) => address,
    ({ signedInAt }) => relativeTime(new Date(signedInAt), now, locale),
    ({ signedInAt }) => shortTime(new Date(signedInAt), locale, "UTC"),
  ];
  for (const group of sameName.values()) {
    if (group.length === 1) continue;
    const days = new Set(group.map(({ signedInAt }) => signedInAt.slice(0, ISO_DATE)));
    const toTheSecond = days.size === 1 ? clockTime : exactTime;
    const fact = [
      ...facts,
      ({ signedInAt }: Device) => toTheSecond(new Date(signedInAt), locale, "UTC"),
    ].find((each) => new Set(group.map((device) => each(device) ?? "")).size === group.length);
    for (const device of group) suffixes.set(device.id, fact?.(device) ?? device.place);
  }
  return devices.map((device) => ({ ...device, suffix: suffixes.get(device.id) ?? null }));
}
