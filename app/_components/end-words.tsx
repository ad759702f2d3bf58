import type { ReactNode } from "react";
import type { SessionView } from "@/lib/session/session";

export type EndedReason = NonNullable<SessionView["ended_reason"]>;

/** Why a session ended, told to its own device. `from` is the name of the device that ended it. */
export function toldToDevice(reason: EndedReason, from: string | null): ReactNode {
  const elsewhere = nameOf(from);
  const words = {
    logout: "You signed out in this browser",
    ended_from_another_device: <>This device was signed out from {elsewhere}</>,
    logout_others: <>This device and all others were signed out from {elsewhere}</>,
    logout_all: <>You were signed out everywhere, from {elsewhere}</>,
    password_changed: <>This device was signed out because the password was changed on {elsewhere}</>,
    idle: "This device was signed out after a long time without use",
    expired: "Your session reached its maximum length",
    replaced: "A newer sign-in replaced this one",
    account_disabled: "This device was signed out because the account was disabled",
    reported: "This device was signed out because its sign-in was reported",
    ended_by_administrator: "This device was signed out by an administrator",
    password_reset: "This device was signed out because the password was reset",
  } satisfies Record<EndedReason, ReactNode>;
  return words[reason];
}

/** Kept to itself: a name may be written from right to left, and must not turn around what stands beside it. */
export function nameOf(from: string | null): ReactNode {
  return from === null ? <span>another device</span> : <bdi>{from}</bdi>;
}

const BY_ITSELF = new Set<EndedReason>(["logout", "idle", "expired", "replaced"]);

/** Whether somebody else than the device ended its session, so that the device has yet to learn of it. */
export function endedByOthers(reason: EndedReason): boolean {
  return !BY_ITSELF.has(reason);
}
