import "server-only";
import { log } from "@/lib/log";
import { forget, forgetAll, forgetUser } from "./cache";

/**
 * What a trigger of the database, or the store itself, tells about sessions. See the init migration. It is not signed: an
 * instance that hears it looks again, and believes the row.
 */
export type News =
  | { kind: "new" | "seen" | "changed" | "ended" | "deleted"; sessionId: string; userId: string }
  | { kind: "user"; userId: string }
  | { kind: "all" };

const KINDS = { n: "new", s: "seen", c: "changed", e: "ended", d: "deleted" } as const;

const uuid = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
const PAIRS = /^([0-9a-f]{64})+$/;
const USERS = /^([0-9a-f]{32})+$/;
const chunks = (text: string, size: number) => text.match(new RegExp(`.{${size}}`, "g")) ?? [];

/** Reads the payload of one notification. An unknown one counts as news about everything: it costs reads, not safety. */
export function parseNews(payload: string): News[] {
  const letter = payload.slice(0, 1);
  const ids = payload.slice(1);
  if (letter === "u" && USERS.test(ids))
    return chunks(ids, 32).map((hex) => ({ kind: "user", userId: uuid(hex) }));
  if (!Object.hasOwn(KINDS, letter) || !PAIRS.test(ids)) return [{ kind: "all" }];
  const kind = KINDS[letter as keyof typeof KINDS];
  return chunks(ids, 64).map((pair) => ({
    kind,
    sessionId: uuid(pair.slice(0, 32)),
    userId: uuid(pair.slice(32)),
  }));
}

type Listener = (news: News) => void;
const holder = globalThis as typeof globalThis & { latchkeyListeners?: Map<string, Set<Listener>> };

function listeners(): Map<string, Set<Listener>> {
  holder.latchkeyListeners ??= new Map();
  return holder.latchkeyListeners;
}

/** In place of a user id: all of them. */
export const EVERYBODY = "everybody";

/** Calls `listener` for all news about a user and their sessions, after it was applied. Returns the way to stop. */
export function listen(userId: string, listener: Listener): () => void {
  const ofUser = listeners().get(userId) ?? new Set();
  listeners().set(userId, ofUser.add(listener));
  return () => {
    ofUser.delete(listener);
    if (ofUser.size === 0 && listeners().get(userId) === ofUser) listeners().delete(userId);
  };
}

/** Applies news to the memory first, then tells the listeners. */
export function applyNews(news: News): void {
  if (news.kind === "all") {
    forgetAll();
    for (const userId of [...listeners().keys()]) tell(userId, news);
    return;
  }
  if (news.kind === "user") forgetUser(news.userId);
  if (news.kind === "changed" || news.kind === "ended" || news.kind === "deleted") forget(news.sessionId);
  tell(news.userId, news);
  tell(EVERYBODY, news);
}

function tell(userId: string, news: News): void {
  for (const listener of [...(listeners().get(userId) ?? [])]) {
    try {
      listener(news);
    } catch (error) {
      // The next listener must hear it all the same.
      log.error("news_not_taken", { error });
    }
  }
}
