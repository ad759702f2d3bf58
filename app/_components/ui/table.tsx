import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

/** Wider than its place, it scrolls in it; by keyboard, too. */
export function Table({ className, "aria-label": label, ...table }: ComponentProps<"table">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: What scrolls must be in reach of the keyboard.
    <section data-slot="table-container" className="ui-table-container" aria-label={label} tabIndex={0}>
      <table data-slot="table" className={clsx("ui-table", className)} {...table} />
    </section>
  );
}

export function TableHeader(thead: ComponentProps<"thead">) {
  return <thead data-slot="table-header" {...thead} />;
}

export function TableBody(tbody: ComponentProps<"tbody">) {
  return <tbody data-slot="table-body" {...tbody} />;
}

export function TableRow(tr: ComponentProps<"tr">) {
  return <tr data-slot="table-row" {...tr} />;
}

export function TableHead(th: ComponentProps<"th">) {
  return <th data-slot="table-head" scope="col" {...th} />;
}

export function TableCell(td: ComponentProps<"td">) {
  return <td data-slot="table-cell" {...td} />;
}
