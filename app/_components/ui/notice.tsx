import { clsx } from "clsx";
import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

const LOOKS = {
  info: { icon: Info, className: null },
  problem: { icon: CircleAlert, className: "ui-notice-problem" },
  warning: { icon: TriangleAlert, className: "ui-notice-warning" },
} as const;

/** A boxed message. What it means to assistive technology, its surroundings say. */
export function Notice({ look, children }: { look: keyof typeof LOOKS; children: ReactNode }) {
  const { icon: Icon, className } = LOOKS[look];
  return (
    <div data-slot="notice" className={clsx("ui-notice", className)}>
      <Icon aria-hidden="true" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
