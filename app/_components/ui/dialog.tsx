"use client";

import { clsx } from "clsx/lite";
import { type ComponentProps, type MouseEvent, useRef } from "react";

// Opened with `showModal()`: the browser keeps the focus inside, closes it with Escape, and gives the focus back.

/** Only the backdrop is outside of the box, and belongs to the dialog all the same. */
function isOutside({ currentTarget: dialog, target, clientX, clientY }: MouseEvent<HTMLDialogElement>) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return target === dialog && (clientX < left || clientX > right || clientY < top || clientY > bottom);
}

/** A modal dialog; as a sheet it comes from the lower edge of a phone. A press beside it closes it. */
export function Dialog({
  variant = "dialog",
  className,
  ...dialog
}: ComponentProps<"dialog"> & { variant?: "dialog" | "sheet" }) {
  // Who marks text in a field may let go outside.
  const beganOutside = useRef(false);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same by keyboard.
    <dialog
      data-slot={variant}
      className={clsx("ui-dialog", variant === "sheet" && "ui-sheet", className)}
      onPointerDown={(event) => {
        beganOutside.current = isOutside(event);
      }}
      onClick={(event) => beganOutside.current && isOutside(event) && event.currentTarget.close()}
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
