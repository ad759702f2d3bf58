import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

/**
 * One choice of a few, side by side. Inside are links with `aria-current`, buttons with `aria-pressed`, or labels around
 * radio buttons.
 */
export function SegmentedControl({
  label,
  className,
  children,
  ...fieldset
}: Omit<ComponentProps<"fieldset">, "aria-label"> & { label: string }) {
  return (
    <fieldset
      data-slot="segmented-control"
      aria-label={label}
      className={clsx("ui-segmented", className)}
      {...fieldset}
    >
      {children}
    </fieldset>
  );
}
