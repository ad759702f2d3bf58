import { randomUUID } from "node:crypto";
import type { SessionWithUser } from "@/lib/session/session";
import { DAYS } from "@/lib/time";

/** A live session with its user, as the gate knows it. */
export function knownSession(
  id: string = randomUUID(),
  { userId = randomUUID(), name = null, disabled = false, endedAt = null }: KnownFacts = {},
): SessionWithUser {
  const now = new Date();
  return {
    session: {
      id,
      userId,
      kind: "browser",
      secretHash: new Uint8Array(32),
      amr: ["pwd"],
      authTime: now,
      keep: false,
      name,
      deviceType: "desktop",
      browser: "Chrome",
      os: "Linux",
      ip: "192.0.2.1",
      location: null,
      createdAt: now,
      lastSeenAt: now,
      idleSeconds: 7_200,
      expiresAt: new Date(now.getTime() + 1 * DAYS),
      endedAt,
      endedReason: endedAt ? "logout" : null,
      endedById: null,
      confirmedAt: null,
    },
    user: { id: userId, email: "ada@example.com", name: "Ada", disabled, emailVerified: true, role: "user" },
  };
}

type KnownFacts = { userId?: string; name?: string | null; disabled?: boolean; endedAt?: Date | null };
