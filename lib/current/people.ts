import "server-only";
import { endSessionsOf, findPerson, listPeople, setDisabled } from "@/lib/account/people";
import { requestTime } from "./request";
import type { Admitted } from "./session";

// What pages and actions of administrators may do. They pass the caller that the gate returned; who has not the role gets the
// problem `forbidden`.

type People = { people: Awaited<ReturnType<typeof listPeople>>; next: { at: Date; id: string } | null };

/** People on a page. */
export const PEOPLE_SHOWN = 50;

/** A page of people, latest first: all, or those whose name or address has `search` in it. `next` leads to the next page. */
export async function searchPeople(
  caller: Admitted,
  { search, after }: { search?: string; after?: { at: Date; id: string } | undefined },
): Promise<People> {
  const found = await listPeople(caller, {
    take: PEOPLE_SHOWN + 1,
    after,
    ...(search !== undefined && { search }),
  });
  const people = found.slice(0, PEOPLE_SHOWN);
  const last = people.at(-1);
  const next = last && found.length > PEOPLE_SHOWN ? { at: new Date(last.created_at), id: last.id } : null;
  return { people, next };
}

/** Somebody and their live sessions, or null. */
export function showPerson(caller: Admitted, personId: string): ReturnType<typeof findPerson> {
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
