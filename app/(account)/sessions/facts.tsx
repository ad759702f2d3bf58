import type { ReactNode } from "react";

/** What is known of a session, a label and a value each. What is not known is left out. */
export function Facts({ id, facts }: { id: string; facts: [label: string, value: ReactNode][] }) {
  return (
    <dl id={id} className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 sm:grid-cols-[repeat(2,auto_1fr)]">
      {facts.map(([label, value]) =>
        value === null || value === "" ? null : (
          <div key={label} className="col-span-2 grid grid-cols-subgrid">
            <dt className="text-muted-foreground">{label}</dt>
            <dd className="min-w-0">{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
