import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

/** Where a list has nothing to show: an icon, a sentence, perhaps a way on. */
export function EmptyState({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="empty-state" className={clsx("ui-empty", className)} {...div} />;
}
