import type { EndedReason } from "@/app/_components/end-words";

/** What the stream of GET /api/auth/events tells, as it is handed from tab to tab. */
export type SessionMessage =
  | { type: "ended"; reason: EndedReason; from: string | null }
  | { type: "sessions"; change: "new" | "seen" | "changed" | "ended" | "deleted" | "user" | "all" };

/** What a list of sessions looks like, by the `list` event of the stream; null where the server could not say. */
export function readVersion(data: string): string | null {
  try {
    return JSON.parse(data).version;
  } catch {
    return null;
  }
}

/** A message of the stream. It comes from our own server; one that is cut short or unknown gives null. */
export function readMessage(type: SessionMessage["type"], data: string): SessionMessage | null {
  try {
    return { ...JSON.parse(data), type };
  } catch {
    return null;
  }
}
