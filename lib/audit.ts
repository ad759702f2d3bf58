import "server-only";
import type { Database } from "./db";

/** Who does something, and from where: kept with security events. */
export type Actor = { ip: string | null; userAgent: string | null; requestId: string | null };

/** Nobody in particular: the sweeper. */
export const SYSTEM: Actor = { ip: null, userAgent: null, requestId: null };

/** What an event holds of a user agent, in UTF-16 units: enough to tell browsers apart, and no room for anything else. */
const LONGEST_USER_AGENT = 200;

export type EventType =
  | "signed_up"
  | "sign_up_refused"
  | "session_started"
  | "session_renamed"
  | "login_failed"
  | "login_blocked"
  | "password_changed"
  | "account_disabled"
  | "account_enabled"
  | "email_confirmation_requested"
  | "email_verified"
  | "email_change_requested"
  | "email_changed"
  | "exported"
  | "password_reset_requested"
  | "password_reset"
  | "role_changed"
  | "session_reported"
  | "reauthenticated"
  | "reauthentication_failed"
  | "reauthentication_blocked";

/** What an event says besides. Its owner reads it, so nothing secret and nobody else's. */
export type EventDetail = Record<string, string | number | boolean | null>;

/** Writes a security event. Give it the transaction of what it records. A user who was deleted meanwhile is left out. */
export async function recordEvent(
  db: Database,
  event: {
    type: EventType;
    userId: string | null;
    sessionId?: string | null;
    detail?: EventDetail;
    now: Date;
  },
  actor: Actor,
): Promise<void> {
  const { type, userId, sessionId = null, detail = {}, now } = event;
  const { ip, requestId } = actor;
  const userAgent = actor.userAgent?.slice(0, LONGEST_USER_AGENT).toWellFormed() ?? null;
  await db.$executeRaw`
    INSERT INTO security_events (type, user_id, session_id, ip, user_agent, request_id, detail, created_at)
    VALUES (${type}, (SELECT id FROM users WHERE id = ${userId}::uuid FOR KEY SHARE), ${sessionId}::uuid,
      ${ip}, ${userAgent}, ${requestId}, ${JSON.stringify(detail)}::jsonb, ${now})`;
}
