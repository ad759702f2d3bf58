import { type RefObject, useLayoutEffect, useState } from "react";

/** What the server sent and people have used already, and whether they are in it. */
type Sent<T> = { element: T; hasFocus: boolean };

// Elements that have been through here, as they were sent or as React rendered them.
const known = new WeakSet<Element>();

/**
 * For what can be typed in, ticked or chosen before the scripts run. Where a password manager has put something into the page
 * by then, React finds another page than it expects and renders all of it again (react.dev/errors/418): what was typed,
 * and the focus, then goes over from the element that was sent to the one that takes its place.
 */
export function useTakeOver<T extends HTMLInputElement | HTMLSelectElement>(
  element: RefObject<T | null>,
  id: string,
): void {
  const [sent] = useState(() => findSent<T>(id));
  useLayoutEffect(() => {
    if (!element.current) return;
    known.add(element.current);
    if (sent && sent.element !== element.current) takeOver(sent, element.current);
  }, [element, sent]);
}

function findSent<T extends Element>(id: string): Sent<T> | null {
  const element = typeof document === "undefined" ? null : document.getElementById(id);
  // The page before this one may have had a field of the same name: its password stays there.
  if (!element || known.has(element)) return null;
  return { element: element as Element as T, hasFocus: document.activeElement === element };
}

function takeOver<T extends Element>({ element: old, hasFocus }: Sent<T>, element: T): void {
  if (old instanceof HTMLSelectElement && element instanceof HTMLSelectElement) element.value = old.value;
  if (old instanceof HTMLInputElement && element instanceof HTMLInputElement) {
    if (element.type === "checkbox") element.checked = old.checked;
    else element.value = old.value;
  }
  if (!hasFocus || !(element instanceof HTMLElement)) return;
  // Its own turn comes later.
  element.focus({ preventScroll: true });
  // Null for an email address, of which no script learns it; there the caret stands at the end.
  if (old instanceof HTMLInputElement && element instanceof HTMLInputElement && old.selectionStart !== null)
    element.setSelectionRange(old.selectionStart, old.selectionEnd, old.selectionDirection ?? "none");
}
