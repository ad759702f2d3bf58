import { type RefObject, useEffect, useRef } from "react";

/** When what has the focus in `area` goes away with its row, its heading takes the focus: it is never lost. */
export function useKeptFocus(area: RefObject<HTMLElement | null>): void {
  const focused = useRef<Element | null>(null);

  useEffect(() => {
    const gone = new AbortController();
    const { signal } = gone;
    area.current?.addEventListener(
      "focusin",
      ({ target }) => {
        focused.current = target instanceof Element ? target : null;
      },
      { signal },
    );
    area.current?.addEventListener(
      "focusout",
      ({ target }) => {
        // Some browsers also say this of an element that is being taken away.
        if (target instanceof Element && target.isConnected) focused.current = null;
      },
      { signal },
    );
    return () => gone.abort();
  }, [area]);

  // Without dependencies: after every refresh.
  useEffect(() => {
    const isLost = focused.current !== null && !focused.current.isConnected;
    if (isLost && document.activeElement === document.body) area.current?.querySelector("h1")?.focus();
  });
}
