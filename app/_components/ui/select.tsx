import { clsx } from "clsx";
import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";

export function Select({ className, ...select }: ComponentProps<"select">) {
  return (
    <span data-slot="select" className="relative block">
      <select className={clsx("ui-input ui-select", className)} {...select} />
      <ChevronDown
        aria-hidden="true"
        className="pointer-events-none absolute inset-e-3 inset-y-0 my-auto size-4 text-muted-foreground"
      />
    </span>
  );
}
