/** What the last action on the page came to. */
export type ActionState = {
  /** A sentence for everybody, and whether it tells of a failure. */
  said: { words: string; isProblem: boolean } | null;
  /** A rename: of which session, what was typed, and what was wrong with it, if anything. */
  rename: { id: string; typed: string; problem: string | null } | null;
  /** That the password must be typed, what was wrong with the one that was, if any, and whether everything was to end. */
  stepUp: { problem: string | null; everything?: boolean } | null;
  /** How to leave, because this device has no session any more: to sign in again, or for good. */
  leave: "log-in" | "log-out" | null;
};

export const NOTHING_YET: ActionState = { said: null, rename: null, stepUp: null, leave: null };
