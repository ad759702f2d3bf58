import { clsx } from "clsx/lite";
import type { ReactNode } from "react";
import { Icon } from "./icon";

const LOOKS = {
  info: { icon: "info", className: null },
  problem: { icon: "circle-alert", className: "ui-notice-problem" },
  warning: { icon: "triangle-alert", className: "ui-notice-warning" },
} as const;

/** A boxed message. What it means to assistive technology, its surroundings say. */
export function Notice({ look, children }: { look: keyof typeof LOOKS; children: ReactNode }) {
  const { icon, className } = LOOKS[look];
  return (
    <div data-slot="notice" className={clsx("ui-notice", className)}>
      <Icon name={icon} />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
