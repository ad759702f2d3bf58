import type { FieldErrors } from "@/lib/errors";

/** What a form of the account has to say once it was sent. */
export type FormState = {
  done: string | null;
  problem: string | null;
  /** By the name of the field. */
  errors: FieldErrors;
  /** Seconds until it may be tried again; 0 for none. */
  wait: number;
  /** Whether it asks for the password, too: step-up is due (RFC 9470). */
  asksPassword: boolean;
  /** What was typed, for a page without a script; never a password. */
  typed: Record<string, string>;
  /** Where to go, in a full navigation. */
  leave: string | null;
  /** Whether the account is gone: nobody is signed in any more. */
  isDeleted: boolean;
};

export const NOTHING_YET: FormState = {
  done: null,
  problem: null,
  errors: {},
  wait: 0,
  asksPassword: false,
  typed: {},
  leave: null,
  isDeleted: false,
};

export function done(words: string): FormState {
  return { ...NOTHING_YET, done: words };
}

/** `wait` in seconds. */
export function refused(problem: string, wait = 0): FormState {
  return { ...NOTHING_YET, problem, wait };
}
