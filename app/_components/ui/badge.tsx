import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

/** `brass` is for this device only; `online` is a dot and a word. */
export type BadgeVariant =
  | "default"
  | "secondary"
  | "outline"
  | "destructive"
  | "warning"
  | "brass"
  | "online";

export function Badge({
  variant = "secondary",
  className,
  ...span
}: ComponentProps<"span"> & { variant?: BadgeVariant }) {
  return <span data-slot="badge" className={clsx("ui-badge", `ui-badge-${variant}`, className)} {...span} />;
}
