import type { Device } from "@/app/(account)/sessions/device-view";

/** A search is offered from this number of other devices. */
const SEARCH_FROM = 20;

export const isSearchable = (count: number) => count >= SEARCH_FROM;

export const KINDS = { all: "All", browser: "Browsers", api: "API" } as const;

/** Which devices to show. */
export type Filter = { kind: keyof typeof KINDS; words: string };

export const EVERYTHING: Filter = { kind: "all", words: "" };

const isKind = (text: unknown): text is Filter["kind"] =>
  typeof text === "string" && Object.hasOwn(KINDS, text);

/** Reads a filter out of a query; anything else in it is ignored. */
export function readFilter({ kind, words }: { [name: string]: string | string[] | undefined }): Filter {
  return { kind: isKind(kind) ? kind : "all", words: typeof words === "string" ? words : "" };
}

/** The address of the page with a filter. */
export function filteredPath({ kind, words }: Filter): string {
  const query = new URLSearchParams();
  if (kind !== "all") query.set("kind", kind);
  if (words) query.set("words", words);
  return query.size > 0 ? `/sessions?${query}` : "/sessions";
}

/** Whether a device is of the kind, and has every word somewhere in what is known of it. */
export function passes(device: Device, { kind, words }: Filter): boolean {
  if (kind !== "all" && device.isApi !== (kind === "api")) return false;
  const { name, defaultName, place, address } = device;
  const facts = [name, defaultName, place, address].join(" ").toLocaleLowerCase();
  return words
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => facts.includes(word));
}
