import { answered } from "@/app/_components/answered";
import { leaveAndLoseCookie } from "@/app/_session/leave";
import { type ActionState, NOTHING_YET } from "@/app/(account)/sessions/action-state";
import { act } from "@/app/(account)/sessions/actions";

/** The action of every form of the page; a network failure becomes a state. */
export const actOrTell = answered(
  act,
  (words, form) => ({
    ...NOTHING_YET,
    said: { words, isProblem: true },
    rename:
      form.get("intent") === "rename"
        ? { id: String(form.get("id")), typed: String(form.get("name")), problem: null }
        : null,
  }),
  follow,
);

/** Leaves, where this device has no session any more. Full navigations, so that no page stays behind in the router's cache. */
function follow({ leave }: ActionState): void {
  if (leave === "log-in") window.location.replace("/login?next=%2Fsessions");
  if (leave === "log-out") leaveAndLoseCookie("everywhere");
}

/** Runs an action from a script, with the fields of its form. */
export async function perform(fields: Record<string, string>): Promise<ActionState> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return actOrTell(NOTHING_YET, form);
}
