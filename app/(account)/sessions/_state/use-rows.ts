import { type RefObject, useEffect, useReducer, useRef } from "react";
import { type Change, firstRows, type Listing, nextRows, type Rows } from "./rows";

/** The rows of the list, which follow what the server says, and a way to tell what else happens to them. */
export function useRows(
  listing: Listing,
  list: RefObject<HTMLElement | null>,
): [Rows, (change: Change) => void] {
  const [rows, change] = useReducer(nextRows, listing, firstRows);
  const last = useRef(listing);
  useEffect(() => {
    if (last.current === listing) return;
    last.current = listing;
    change({ type: "listed", listing, isBusy: isSomebodyAt(list.current) });
  }, [listing, list]);
  return [rows, change];
}

/** Whether a row that moves could take another one's place under a pointer, or the focus. */
function isSomebodyAt(list: HTMLElement | null): boolean {
  if (!list) return false;
  const isHovered = list.matches(":hover");
  return (
    isHovered || list.contains(document.activeElement) || document.querySelector("dialog[open]") !== null
  );
}
