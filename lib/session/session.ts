import "server-only";
import { z } from "zod";
import { STEP_UP_AFTER } from "@/lib/limits";
import { SECONDS } from "@/lib/time";
import { EndedReason, Role, SessionKind } from "@/prisma/client/enums";

/** A session as the domain knows it: its row, without the user. Never reaches a browser as it is: see `viewSession`. */
export type Session = {
  id: string;
  userId: string;
  kind: SessionKind;
  secretHash: Uint8Array;
  amr: string[];
  authTime: Date;
  keep: boolean;
  name: string | null;
  deviceType: string;
  browser: string | null;
  os: string | null;
  ip: string | null;
  location: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  idleSeconds: number;
  expiresAt: Date;
  endedAt: Date | null;
  endedReason: EndedReason | null;
  endedById: string | null;
  confirmedAt: Date | null;
};

/** The columns of a session that lists read. */
export type ListedSession = Omit<Session, "secretHash" | "authTime" | "keep">;

export type User = {
  id: string;
  email: string;
  name: string;
  disabled: boolean;
  emailVerified: boolean;
  role: Role;
};

/** What the gate reads with one query. */
export type SessionWithUser = { session: Session; user: User };

/** `user` of the HTTP contract. */
export const userView = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    email_verified: z.boolean(),
    role: z.enum(Role),
  })
  .meta({ id: "User" });

export type UserView = z.infer<typeof userView>;

/** The part of a user that they may see themselves. */
export function viewUser({ id, email, name, emailVerified, role }: Omit<User, "disabled">): UserView {
  return { id, email, name, email_verified: emailVerified, role };
}

const time = z.iso.datetime();

/** `session` of the HTTP contract: what may be shown to its owner. Times are RFC 3339 UTC. */
export const sessionView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    current: z.boolean(),
    kind: z.enum(SessionKind),
    device: z.object({ type: z.string(), browser: z.string().nullable(), os: z.string().nullable() }),
    ip: z.string().nullable(),
    location: z.string().nullable(),
    created_at: time,
    last_seen_at: time,
    expires_at: time,
    amr: z.array(z.string()),
    ended_at: time.nullable(),
    ended_reason: z.enum(EndedReason).nullable(),
    ended_by: z.uuid().nullable(),
  })
  .meta({ id: "Session" });

export type SessionView = z.infer<typeof sessionView>;

/** Returns "Chrome on macOS", or the part of it that is known. */
export function defaultName({ browser, os, kind }: Pick<Session, "browser" | "os" | "kind">): string {
  if (browser && os) return `${browser} on ${os}`;
  return browser ?? os ?? (kind === "api" ? "API client" : "Unknown device");
}

/** Returns the name that its owner gave a session, or its default name. */
export function nameOf(session: Pick<Session, "name" | "browser" | "os" | "kind">): string {
  return session.name ?? defaultName(session);
}

/** The part of a session that its owner may see. `currentId` is the session that asks. */
export function viewSession(session: ListedSession, currentId: string): SessionView {
  return {
    id: session.id,
    name: nameOf(session),
    current: session.id === currentId,
    kind: session.kind,
    device: { type: session.deviceType, browser: session.browser, os: session.os },
    ip: session.ip,
    location: session.location,
    created_at: session.createdAt.toISOString(),
    last_seen_at: session.lastSeenAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    amr: session.amr,
    ended_at: session.endedAt?.toISOString() ?? null,
    ended_reason: session.endedReason,
    ended_by: session.endedById,
  };
}

/** Returns when a session ends if nobody uses it again: the earlier of its two limits. */
export function endsAt(session: Pick<Session, "expiresAt" | "lastSeenAt" | "idleSeconds">): Date {
  const idle = session.lastSeenAt.getTime() + session.idleSeconds * SECONDS;
  return new Date(Math.min(idle, session.expiresAt.getTime()));
}

/** Returns why a session is not live at `now`, or null if it is. */
export function inactiveReason(
  { session, user }: SessionWithUser,
  now: Date,
): "disabled" | "ended" | "expired" | "idle" | null {
  if (user.disabled) return "disabled";
  if (session.endedAt) return "ended";
  if (session.expiresAt <= now) return "expired";
  if (endsAt(session) <= now) return "idle";
  return null;
}

/**
 * Whether the person behind a session must prove who they are again, with `reauthenticate`, before they do what step-up
 * guards: end another session, export or delete the account, change its address (RFC 9470; ASVS 7.5.1 to 7.5.3).
 */
export function needsStepUp({ authTime }: Pick<Session, "authTime">, now: Date): boolean {
  return now.getTime() - authTime.getTime() > STEP_UP_AFTER;
}
