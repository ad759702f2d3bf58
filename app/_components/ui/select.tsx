import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";
import { Icon } from "./icon";

export function Select({ className, ...select }: ComponentProps<"select">) {
  return (
    <span data-slot="select" className="relative block">
      <select className={clsx("ui-input ui-select", className)} {...select} />
      <Icon
        name="chevron-down"
        className="pointer-events-none absolute inset-e-3 inset-y-0 my-auto size-4 text-muted-foreground"
      />
    </span>
  );
}
