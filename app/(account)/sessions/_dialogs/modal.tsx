import { type ComponentProps, useLayoutEffect, useRef } from "react";
import { Dialog } from "@/app/_components/ui/dialog";

/**
 * A dialog that is open as long as it is rendered; `onClose` is called when somebody closes it. What has `data-first` gets the
 * focus.
 */
export function Modal({
  onClose,
  ...dialog
}: Omit<ComponentProps<typeof Dialog>, "onClose"> & { onClose: () => void }) {
  const element = useRef<HTMLDialogElement>(null);
  // Before the element goes, so that the browser gives the focus back.
  useLayoutEffect(() => {
    const current = element.current;
    current?.showModal();
    const first = current?.querySelector<HTMLElement>("[data-first]");
    first?.focus();
    if (first instanceof HTMLInputElement) first.select();
    return () => current?.close();
  }, []);
  // Its own `close` comes in when another dialog may be open already.
  return (
    <Dialog
      ref={element}
      onClose={({ currentTarget }) => currentTarget.isConnected && onClose()}
      {...dialog}
    />
  );
}
