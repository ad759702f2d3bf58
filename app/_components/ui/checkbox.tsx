import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

export function Checkbox({ className, ...input }: Omit<ComponentProps<"input">, "type">) {
  return <input data-slot="checkbox" type="checkbox" className={clsx("ui-checkbox", className)} {...input} />;
}
