import type { ReactNode } from "react";
import { type EndedReason, nameOf } from "@/app/_components/end-words";

/** When and why a session ended, told to its owner on another device. `when` is an element. */
export function toldToOwner(reason: EndedReason | null, when: ReactNode, from: string | null): ReactNode {
  if (reason === null) return <>Signed out {when}.</>;
  const elsewhere = nameOf(from);
  const words = {
    logout: <>Signed out {when} on the device itself.</>,
    ended_from_another_device: (
      <>
        Signed out {when} from {elsewhere}.
      </>
    ),
    logout_others: (
      <>
        Signed out {when} from {elsewhere}, with all other devices.
      </>
    ),
    logout_all: (
      <>
        Signed out {when}: “Sign out everywhere” on {elsewhere}.
      </>
    ),
    password_changed: (
      <>
        Signed out {when} by the password change on {elsewhere}.
      </>
    ),
    idle: <>Signed out {when} after a long time without use.</>,
    expired: <>Signed out {when}, at its maximum length.</>,
    replaced: <>Replaced {when} by a newer sign-in.</>,
    account_disabled: <>Signed out {when} because the account was disabled.</>,
    reported: <>Signed out {when} after it was reported as not yours.</>,
    ended_by_administrator: <>Signed out {when} by an administrator.</>,
    password_reset: <>Signed out {when} when the password was reset.</>,
  } satisfies Record<EndedReason, ReactNode>;
  return words[reason];
}
