import {
  unstable_isUnrecognizedActionError as isOutOfDate,
  unstable_rethrow as letThrough,
} from "next/navigation";
import { digestOf } from "@/app/_components/error-digest";
import { ownChange } from "@/app/_session/own-change";

export type FormAction<State> = (last: State, form: FormData) => Promise<State>;

/**
 * A server action for `useActionState` that turns a network failure into a state, by `unanswered`: thrown, it would take the whole
 * page away, and what was typed with it. While it runs, news of a change is this tab's own. `arrived` gets the state
 * before React does: with the answer may come a page without this form, whose effects then never run.
 */
export function answered<State>(
  action: FormAction<State>,
  unanswered: (words: string, form: FormData) => State,
  arrived: (state: State) => void = () => {},
): FormAction<State> {
  // On the server React must see the action itself: that is where a form without a script posts to.
  if (typeof window === "undefined") return action;
  return (last, form) =>
    ownChange(async () => {
      try {
        const state = await action(last, form);
        arrived(state);
        return state;
      } catch (error) {
        letThrough(error);
        return unanswered(wordsFor(error), form);
      }
    });
}

function wordsFor(error: unknown): string {
  if (isOutOfDate(error)) return "This page is out of date. Reload it, then try again.";
  if (digestOf(error) !== null)
    return "Something went wrong on our side, so we don’t know whether that worked. Reload the page to see.";
  // It may have been done all the same, and only the answer was lost.
  return "We couldn’t reach the server, so we don’t know whether that worked. Check your connection, then try again.";
}
