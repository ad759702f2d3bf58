import { type RefObject, useEffect, useRef } from "react";

/**
 * When what has the focus in `area` goes away with its row, the heading of the row that takes its place gets the focus,
 * and without any that of the page: it is never lost. A heading, since a key that is pressed twice should do nothing.
 */
export function useKeptFocus(area: RefObject<HTMLElement | null>): void {
  const focused = useRef<Element | null>(null);
  const place = useRef<Place | null>(null);

  useEffect(() => {
    const gone = new AbortController();
    // Not forgotten on `focusout`: some browsers say that of an element that is being taken away, others do not.
    const remember = ({ target }: FocusEvent) => {
      focused.current = target instanceof Element ? target : null;
      place.current = placeOf(focused.current);
    };
    area.current?.addEventListener("focusin", remember, { signal: gone.signal });
    return () => gone.abort();
  }, [area]);

  // Without dependencies: after every refresh.
  useEffect(() => {
    if (focused.current?.isConnected) place.current = placeOf(focused.current);
    else if (focused.current && document.activeElement === document.body) {
      const heading = place.current && headingAt(place.current);
      if (heading) heading.focus();
      else area.current?.querySelector("h1")?.focus({ preventScroll: true });
    }
  });
}

/** Where a row stands, which it cannot tell any more once it is gone. */
type Place = { list: Element; index: number };

function placeOf(element: Element | null): Place | null {
  const row = element?.closest("li");
  const list = row?.parentElement;
  return row && list ? { list, index: [...list.children].indexOf(row) } : null;
}

function headingAt({ list, index }: Place): HTMLElement | null {
  const row = list.children[index] ?? list.lastElementChild;
  return row?.querySelector<HTMLElement>("h3") ?? null;
}
