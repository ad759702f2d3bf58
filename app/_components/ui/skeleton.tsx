import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

/** The place of something that is on its way; its surroundings say so. */
export function Skeleton({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="skeleton" aria-hidden="true" className={clsx("ui-skeleton", className)} {...div} />;
}
