import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";
import { Button } from "./button";

// The browser opens it, closes it with Escape or a press beside it, and gives the focus back: no script.

export function MenuTrigger({ menu, ...button }: ComponentProps<typeof Button> & { menu: string }) {
  return <Button data-slot="menu-trigger" popoverTarget={menu} {...button} />;
}

export function MenuContent({ className, ...div }: ComponentProps<"div"> & { id: string }) {
  return <div data-slot="menu-content" popover="auto" className={clsx("ui-menu", className)} {...div} />;
}

/** The classes of a link or a button in a menu. */
export function menuItemVariants({ variant = "default" }: { variant?: "default" | "destructive" } = {}) {
  return clsx("ui-menu-item", variant === "destructive" && "ui-menu-item-destructive");
}

export function MenuItem({
  variant,
  className,
  type = "button",
  ...button
}: ComponentProps<"button"> & { variant?: "default" | "destructive" }) {
  return (
    <button
      data-slot="menu-item"
      type={type}
      className={clsx(menuItemVariants(variant ? { variant } : {}), className)}
      {...button}
    />
  );
}

export function MenuLabel({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="menu-label" className={clsx("ui-menu-label", className)} {...div} />;
}

export function MenuSeparator() {
  return <hr data-slot="menu-separator" className="ui-menu-separator" />;
}
