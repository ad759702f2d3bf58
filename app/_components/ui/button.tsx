import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

export type ButtonVariant =
  | "default"
  | "secondary"
  | "outline"
  | "ghost"
  | "link"
  | "destructive"
  | "destructive-outline";
export type ButtonSize = "default" | "sm" | "lg" | "icon" | "icon-sm";

type Look = { variant?: ButtonVariant | undefined; size?: ButtonSize | undefined };

/** The classes of a button, for links that look like one. */
export function buttonVariants({
  variant = "default",
  size = "default",
  className,
}: Look & { className?: string | undefined } = {}): string {
  return clsx("ui-button", `ui-button-${variant}`, size !== "default" && `ui-button-${size}`, className);
}

export function Button({
  variant,
  size,
  className,
  type = "button",
  ...button
}: ComponentProps<"button"> & Look) {
  return (
    <button
      data-slot="button"
      type={type}
      className={buttonVariants({ variant, size, className })}
      {...button}
    />
  );
}
