import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

export function Input({ className, ...input }: ComponentProps<"input">) {
  return <input data-slot="input" className={clsx("ui-input", className)} {...input} />;
}
