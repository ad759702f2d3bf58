import { answered, type FormAction } from "@/app/_components/answered";
import { leaveAndLoseCookie } from "@/app/_session/leave";
import { type FormState, refused } from "./form-state";

/** A server action for an `AccountForm`: a network failure becomes a state, and where the answer says so it leaves the page. */
export function inForm<State extends FormState>(action: FormAction<State>): FormAction<State> {
  // What a state has besides is there after a success only.
  return answered(action, (problem) => refused(problem) as State, follow);
}

/** In full navigations, so that no page stays behind in the router's cache. */
function follow({ leave, isDeleted }: FormState): void {
  if (isDeleted) leaveAndLoseCookie("deleted");
  if (leave) window.location.replace(leave);
}
