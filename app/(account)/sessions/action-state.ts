import type { Route } from "next";

/** What the last action on the page came to. */
export type ActionState = {
  /** A sentence for everybody, and whether it tells of a failure. */
  said: { words: string; isProblem: boolean } | null;
  /** A rename: of which session, what was typed, and what was wrong with it, if anything. */
  rename: { id: string; typed: string; problem: string | null } | null;
  /** Where to go, because this device has no session any more. */
  leaveTo: Route | null;
};

export const NOTHING_YET: ActionState = { said: null, rename: null, leaveTo: null };
