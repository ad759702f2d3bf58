import { CircleAlert, Info } from "lucide-react";
import type { ReactNode } from "react";

const LOOKS = {
  info: { box: "border-line bg-card", icon: <Info className="text-accent" /> },
  problem: { box: "border-danger bg-danger-tint", icon: <CircleAlert className="text-danger" /> },
} as const;

/** A boxed message. What it means to assistive technology, its surroundings say. */
export function Notice({ look, children }: { look: keyof typeof LOOKS; children: ReactNode }) {
  const { box, icon } = LOOKS[look];
  return (
    <div className={`flex gap-3 rounded-lg border px-4 py-3 text-ink ${box}`}>
      <span className="mt-0.5 [&_svg]:size-5" aria-hidden="true">
        {icon}
      </span>
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
