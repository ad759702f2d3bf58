import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

/** A checkbox whose change acts at once. */
export function Switch({ className, ...input }: Omit<ComponentProps<"input">, "type" | "role">) {
  return (
    <input
      data-slot="switch"
      type="checkbox"
      // biome-ignore lint/a11y/useAriaPropsForRole: A checkbox says itself whether it is on.
      role="switch"
      className={clsx("ui-switch", className)}
      {...input}
    />
  );
}
