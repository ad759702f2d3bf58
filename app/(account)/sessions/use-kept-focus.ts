import { type RefObject, useEffect, useRef } from "react";

/** When what has the focus in `area` goes away with its row, its heading takes the focus: it is never lost. */
export function useKeptFocus(area: RefObject<HTMLElement | null>): void {
  const focused = useRef<Element | null>(null);

  useEffect(() => {
    const gone = new AbortController();
    // Not forgotten on `focusout`: some browsers say that of an element that is being taken away, others do not.
    const remember = ({ target }: FocusEvent) => {
      focused.current = target instanceof Element ? target : null;
    };
    area.current?.addEventListener("focusin", remember, { signal: gone.signal });
    return () => gone.abort();
  }, [area]);

  // Without dependencies: after every refresh.
  useEffect(() => {
    const isLost = focused.current !== null && !focused.current.isConnected;
    if (!isLost || document.activeElement !== document.body) return;
    area.current?.querySelector("h1")?.focus({ preventScroll: true });
  });
}
