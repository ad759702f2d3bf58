"use client";

import { clsx } from "clsx/lite";
import type { ComponentProps, MouseEvent } from "react";

// Opened with `showModal()`: the browser keeps the focus inside, closes it with Escape, and gives the focus back.

/** Only the backdrop is outside of the box, and belongs to the dialog all the same. */
function closeFromOutside({
  currentTarget: dialog,
  target,
  clientX,
  clientY,
}: MouseEvent<HTMLDialogElement>) {
  if (target !== dialog) return;
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  if (clientX < left || clientX > right || clientY < top || clientY > bottom) dialog.close();
}

/** A modal dialog; as a sheet it comes from the lower edge of a phone. A press beside it closes it. */
export function Dialog({
  variant = "dialog",
  className,
  ...dialog
}: ComponentProps<"dialog"> & { variant?: "dialog" | "sheet" }) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same by keyboard.
    <dialog
      data-slot={variant}
      className={clsx("ui-dialog", variant === "sheet" && "ui-sheet", className)}
      onClick={closeFromOutside}
      {...dialog}
    />
  );
}

export function DialogTitle({ className, children, ...heading }: ComponentProps<"h2">) {
  return (
    <h2 data-slot="dialog-title" className={clsx("ui-dialog-title", className)} {...heading}>
      {children}
    </h2>
  );
}

export function DialogDescription({ className, ...paragraph }: ComponentProps<"p">) {
  return (
    <p data-slot="dialog-description" className={clsx("ui-dialog-description", className)} {...paragraph} />
  );
}

export function DialogFooter({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="dialog-footer" className={clsx("ui-dialog-footer", className)} {...div} />;
}
