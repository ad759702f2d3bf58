import { z } from "zod";
import type { EventType } from "@/lib/current/account";

/** The events that only a statement writes; the others are `EventType`. */
type Written = EventType | "session_ended";

/** What can be shown of the activity. */
export const KINDS = { all: "All", "sign-ins": "Sign-ins", devices: "Devices", account: "Account" } as const;

export type Kind = keyof typeof KINDS;

const SIGN_INS = {
  signed_up: "Account created",
  sign_up_refused: "Somebody tried to sign up with your email",
  session_started: "Signed in",
  login_failed: "Wrong password at sign-in",
  login_blocked: "Sign-in refused after too many attempts",
} as const;

const DEVICES = {
  session_ended: "A device was signed out",
  session_renamed: "A device was renamed",
  session_reported: "A sign-in was reported as not yours",
} as const;

const ACCOUNT = {
  password_changed: "Password changed",
  password_reset_requested: "A link to choose a new password was asked for",
  password_reset: "New password chosen by a link",
  email_confirmation_requested: "A link to confirm the email was asked for",
  email_verified: "Email confirmed",
  email_change_requested: "A change of the email was asked for",
  email_changed: "Email changed",
  reauthenticated: "Password entered again",
  reauthentication_failed: "Wrong password when it was asked for again",
  reauthentication_blocked: "Password refused after too many attempts",
  exported: "Your data was exported",
  account_disabled: "Account disabled",
  account_enabled: "Account enabled",
  role_changed: "Your role was changed",
} as const;

const WORDS = { ...SIGN_INS, ...DEVICES, ...ACCOUNT } satisfies Record<Written, string>;

const TYPES: Record<Kind, readonly string[] | undefined> = {
  all: undefined,
  "sign-ins": Object.keys(SIGN_INS),
  devices: Object.keys(DEVICES),
  account: Object.keys(ACCOUNT),
};

/** A kind out of a query; everything for what is none. */
export function kindOf(text: unknown): Kind {
  return typeof text === "string" && Object.hasOwn(KINDS, text) ? (text as Kind) : "all";
}

/** The types of the events of a kind; undefined means every type. */
export function typesOf(kind: Kind): readonly string[] | undefined {
  return TYPES[kind];
}

/** Why a session ended, by the reason in the event. */
const ENDINGS: Record<string, string> = {
  logout: "Signed out",
  ended_from_another_device: "A device was signed out from another one",
  logout_others: "A device was signed out with all others",
  logout_all: "Signed out everywhere",
  password_changed: "A device was signed out by a change of password",
  password_reset: "A device was signed out by a new password",
  idle: "A device was signed out after a long time without use",
  expired: "A session reached its maximum length",
  replaced: "A session was replaced by a newer sign-in",
  reported: "A device was signed out as not yours",
  ended_by_administrator: "A device was signed out by an administrator",
  account_disabled: "A device was signed out as the account was disabled",
};

/** An event in a sentence for its owner; one that is not known here by its name. */
export function inWords({ type, detail }: { type: string; detail: unknown }): string {
  const { reason, by } = detailSchema.parse(detail);
  if (type === "session_ended" && reason) return ENDINGS[reason] ?? WORDS.session_ended;
  // Made in another session, which it names.
  if (type === "session_started" && by) return "API session created";
  return (WORDS as Record<string, string>)[type] ?? type.replaceAll("_", " ");
}

const detailSchema = z
  .object({ reason: z.string().optional().catch(undefined), by: z.string().optional().catch(undefined) })
  .catch({});
