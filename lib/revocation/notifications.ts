import "server-only";
import { inRounds } from "@/lib/batch";
import { log } from "@/lib/log";
import { singleton } from "@/lib/singleton";
import { caches } from "./cache";
import { noteDoubt, noteEnded } from "./ended";
import { beginEpoch } from "./lease";

// What triggers of the database say about rows, by NOTIFY. It is not signed: any role that may connect to the database
// can send it. So a notification is a reason to look again, never to refuse: an instance that hears one believes the row.

/** A row, `id`, is what `kind` says, and belongs to `owner`; or something happened to an owner; or to everything. */
export type Notification =
  | { kind: "new" | "seen" | "changed" | "ended" | "deleted"; id: string; owner: string }
  | { kind: "owner"; owner: string }
  | { kind: "all" };

const KINDS = { n: "new", s: "seen", c: "changed", e: "ended", d: "deleted" } as const;

const uuid = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
const PAIRS = /^([0-9a-f]{64})+$/;
const OWNERS = /^([0-9a-f]{32})+$/;
const chunks = (text: string, size: number) => text.match(new RegExp(`.{${size}}`, "g")) ?? [];

/** Reads the payload that a trigger sent. An unknown one is about everything: that costs reads, not safety. */
export function parseNotification(payload: string): Notification[] {
  const letter = payload.slice(0, 1);
  const ids = payload.slice(1);
  if (letter === "u" && OWNERS.test(ids))
    return chunks(ids, 32).map((hex) => ({ kind: "owner", owner: uuid(hex) }));
  if (!Object.hasOwn(KINDS, letter) || !PAIRS.test(ids)) return [{ kind: "all" }];
  const kind = KINDS[letter as keyof typeof KINDS];
  return chunks(ids, 64).map((pair) => ({
    kind,
    id: uuid(pair.slice(0, 32)),
    owner: uuid(pair.slice(32)),
  }));
}

type Subscriber = (notification: Notification) => void;

/** By owner. */
const subscribers = singleton("subscribers", () => new Map<string, Set<Subscriber>>());

/** In place of an owner: all of them. */
export const EVERYBODY = "everybody";

/** Calls `subscriber` for every notification about an owner, after it was applied. Returns the way to stop. */
export function subscribe(owner: string, subscriber: Subscriber): () => void {
  const all = subscribers();
  const ofOwner = all.get(owner) ?? new Set();
  all.set(owner, ofOwner.add(subscriber));
  return () => {
    ofOwner.delete(subscriber);
    if (ofOwner.size === 0 && all.get(owner) === ofOwner) all.delete(owner);
  };
}

/** Invalidates what a notification is about, then tells the subscribers. */
export function applyNotification(notification: Notification): void {
  if (notification.kind === "all") {
    beginEpoch();
    for (const owner of [...subscribers().keys()]) tell(owner, notification);
    return;
  }
  const { kind, owner } = notification;
  for (const cache of caches()) {
    if (kind === "owner") cache.invalidateOwner(owner);
    if (kind === "changed" || kind === "ended" || kind === "deleted") cache.invalidate(notification.id);
  }
  tell(owner, notification);
  tell(EVERYBODY, notification);
}

function tell(owner: string, notification: Notification): void {
  for (const subscriber of [...(subscribers().get(owner) ?? [])]) {
    try {
      subscriber(notification);
    } catch (error) {
      // The next subscriber must hear it all the same.
      log.error("notification_not_taken", { error });
    }
  }
}

/** Which of these ids have ended for good: their rows say so, or are gone. */
export type FindEnded = (ids: string[]) => Promise<string[]>;

/** Takes the notifications that the listener brings, and reads the rows of those that are said to have ended. */
export function createHearer(findEnded: FindEnded): (notification: Notification) => void {
  const lookAgain = inRounds(async (ids: string[]) => {
    try {
      for (const id of await findEnded(ids)) noteEnded(id);
    } catch (error) {
      // The gate will ask.
      log.error("ends_not_looked_up", { ids: ids.length, error });
    }
  });
  return (notification) => {
    const isSaidToHaveEnded = notification.kind === "ended" || notification.kind === "deleted";
    // What this instance does not use is not its business, and nobody can make it read that.
    const concernsUs = isSaidToHaveEnded && [...caches()].some((cache) => cache.has(notification.id));
    applyNotification(notification);
    if (concernsUs) noteDoubt(notification.id, lookAgain([notification.id]));
  };
}
