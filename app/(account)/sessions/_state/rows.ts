import type { Device, End } from "@/app/(account)/sessions/device-view";
import { type Group, groupOf, inOrder, isGrouped } from "./order";

// The rows of the other devices as somebody has them before the eyes. During a visit no row changes its place, and none
// goes: one that has ended stays where it was and says so, so that a second press never meets another device.

export type Row = { device: Device; group: Group | null; end: End | null };

export type Rows = {
  shown: Row[];
  /** Devices that are new, held back while somebody is at the list. */
  waiting: Device[];
  /** What has just changed, to be told; every list of news is told once. */
  news: News;
};

export type News = { added: Device[]; ended: Device[] };

/** What the server knows now. */
export type Listing = {
  others: Device[];
  ends: End[];
  /** Whether `others` are all there are. */
  isWhole: boolean;
  now: number;
};

const NO_NEWS: News = { added: [], ended: [] };

export function firstRows({ others, now }: Listing): Rows {
  const grouped = isGrouped(others.length);
  const row = (device: Device): Row => ({ device, group: grouped ? groupOf(device, now) : null, end: null });
  return { shown: inOrder(others, now).map(row), waiting: [], news: NO_NEWS };
}

export type Change =
  | { type: "listed"; listing: Listing; isBusy: boolean }
  | { type: "ended"; ends: End[] }
  | { type: "let in" };

export function nextRows(rows: Rows, change: Change): Rows {
  if (change.type === "listed") return withListing(rows, change.listing, change.isBusy);
  if (change.type === "ended") return withEnds(rows, change.ends);
  return { ...insert(rows, rows.waiting), waiting: [] };
}

function withListing(rows: Rows, { others, ends, isWhole, now }: Listing, isBusy: boolean): Rows {
  const live = new Map(others.map((device) => [device.id, device]));
  const endOf = new Map(ends.map((end) => [end.id, end]));
  const ended: Device[] = [];
  const shown = rows.shown.map((row): Row => {
    const device = live.get(row.device.id);
    const end = endOf.get(row.device.id) ?? row.end;
    // A list that was read before an end may come in after it: what has ended stays so.
    if (!end && device) return { ...row, device };
    if (!row.end && (end || isWhole)) ended.push(row.device);
    return { ...row, end: end ?? (isWhole ? unexplained(row.device.id, now) : null) };
  });
  const known = new Set(rows.shown.map(({ device }) => device.id));
  const added = inOrder(
    others.filter(({ id }) => !known.has(id)),
    now,
  );
  const wasWaiting = new Set(rows.waiting.map(({ id }) => id));
  const news = { added: added.filter(({ id }) => !wasWaiting.has(id)), ended };
  if (isBusy) return { shown, waiting: added, news };
  return { ...insert({ shown, waiting: [], news }, added), waiting: [] };
}

/** New ones stand at the top, where somebody who looks sees them. */
function insert(rows: Rows, devices: Device[]): Rows {
  const grouped = rows.shown.some(({ group }) => group !== null);
  const added = devices.map((device): Row => ({ device, group: grouped ? "active" : null, end: null }));
  return { ...rows, shown: [...added, ...rows.shown] };
}

function withEnds(rows: Rows, ends: End[]): Rows {
  const endOf = new Map(ends.map((end) => [end.id, end]));
  const shown = rows.shown.map((row) => ({ ...row, end: row.end ?? endOf.get(row.device.id) ?? null }));
  return { shown, waiting: rows.waiting.filter(({ id }) => !endOf.has(id)), news: NO_NEWS };
}

/** A row that is gone, and nobody says why. */
function unexplained(id: string, now: number): End {
  const at = new Date(now).toISOString();
  return { id, at, reason: null, from: null, confirmedAt: null, needsReceipt: false };
}
