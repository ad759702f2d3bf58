import { type RefObject, useEffect, useRef } from "react";

/**
 * When the control that has the focus goes away with the end of its device, the heading of the row gets it: it is never lost.
 * A heading, since a key that is pressed twice should do nothing.
 */
export function useKeptFocus(area: RefObject<HTMLElement | null>): void {
  const focused = useRef<{ element: HTMLElement; row: Element | null } | null>(null);

  useEffect(() => {
    const gone = new AbortController();
    const remember = ({ target }: FocusEvent) => {
      focused.current =
        target instanceof HTMLElement ? { element: target, row: target.closest("[data-device]") } : null;
    };
    area.current?.addEventListener("focusin", remember, { signal: gone.signal });
    return () => gone.abort();
  }, [area]);

  // Without dependencies: after every change.
  useEffect(() => {
    const last = focused.current;
    if (!last || last.element.isConnected || document.activeElement !== document.body) return;
    const heading = last.row?.isConnected ? last.row.querySelector<HTMLElement>(".device-name") : null;
    (heading ?? document.querySelector<HTMLElement>("h1"))?.focus({ preventScroll: true });
  });
}
