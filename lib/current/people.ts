import "server-only";
import { z } from "zod";
import { endSessionsOf, findPerson, listPeople, type PersonView, setDisabled } from "@/lib/account/people";
import { cursorAfter, cursorSchema } from "@/lib/session/list/cursor";
import { requestTime } from "./request";
import type { Admitted } from "./session";

// What pages and actions of administrators may do. They pass the caller that the gate returned; who has not the role gets the
// problem `forbidden`.

export type { PersonView } from "@/lib/account/people";

/** People on a page. */
const PAGE = 50;

/**
 * A page of people, latest first: all, or those whose name or address has `search` in it. `next` is the cursor of the next
 * page.
 */
export async function searchPeople(
  caller: Admitted,
  { search = "", cursor }: { search?: string | undefined; cursor?: string | undefined },
): Promise<{ people: PersonView[]; next: string | null }> {
  // A cursor that is not ours is an old or a mistyped address: it leads to the beginning.
  const after = cursorSchema.optional().catch(undefined).parse(cursor);
  const found = await listPeople(caller, { search, take: PAGE + 1, after });
  const people = found.slice(0, PAGE);
  const last = people.at(-1);
  const next = last && found.length > PAGE ? cursorAfter(last, new Date(last.created_at)) : null;
  return { people, next };
}

/** Somebody and their live sessions, or null. */
export async function showPerson(caller: Admitted, personId: string): ReturnType<typeof findPerson> {
  if (!z.uuid().safeParse(personId).success) return null;
  return findPerson({ administrator: caller, now: requestTime() }, personId);
}

/** Ends one session of somebody, or all of them; returns how many. */
export function endPersonsSessions(
  caller: Admitted,
  which: { personId: string; sessionId: string | "all" },
): Promise<number> {
  return endSessionsOf({ administrator: caller, now: requestTime() }, which);
}

/** Disables an account or enables it again; false if there was nothing to do. */
export function disablePerson(
  caller: Admitted,
  change: { personId: string; isDisabled: boolean },
): Promise<boolean> {
  return setDisabled({ administrator: caller, now: requestTime() }, change);
}
