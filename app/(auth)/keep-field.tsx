"use client";

import { useRef } from "react";
import { Checkbox } from "@/app/_components/ui/checkbox";
import { useTakeOver } from "@/app/_components/use-take-over";
import { LIFETIMES } from "@/lib/product";
import { DAYS, HOURS } from "@/lib/time";

/** "30 days", "24 hours". */
function inWords(duration: number): string {
  return duration > 2 * DAYS ? `${duration / DAYS} days` : `${duration / HOURS} hours`;
}

const { kept, brief } = LIFETIMES;

/** "Keep me signed in", and what that means. */
export function KeepField({ isTicked }: { isTicked: boolean }) {
  const box = useRef<HTMLInputElement>(null);
  useTakeOver(box, "keep");
  return (
    <div className="flex gap-3">
      <Checkbox
        ref={box}
        id="keep"
        name="keep"
        value="on"
        defaultChecked={isTicked}
        aria-describedby="keep-hint"
        className="mt-px"
      />
      <div>
        <label htmlFor="keep" className="font-medium">
          Keep me signed in
        </label>
        <p id="keep-hint" className="mt-1 text-sm text-muted-foreground">
          For {inWords(kept.absolute)}, or until you’re away for {inWords(kept.idle)}. If unticked:{" "}
          {inWords(brief.absolute)}, or {inWords(brief.idle)} away.
        </p>
      </div>
    </div>
  );
}
