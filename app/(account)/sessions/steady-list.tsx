"use client";

import { type ReactNode, useState } from "react";

type Item = { id: string; content: ReactNode };

/**
 * A list that stays as it came while it is brought up to date: nothing changes its place under the hand of somebody
 * who is about to press it. What is new comes last; only the first item is always the one that the server has first.
 */
export function SteadyList({ items: [first, ...others] }: { items: Item[] }) {
  const [order, setOrder] = useState(() => others.map(({ id }) => id));
  const added = others.map(({ id }) => id).filter((id) => !order.includes(id));
  if (added.length > 0) setOrder([...order, ...added]);

  const steady = others.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  return (
    <ul className="mt-4 space-y-3">
      {first && <li key={first.id}>{first.content}</li>}
      {steady.map(({ id, content }) => (
        <li key={id}>{content}</li>
      ))}
    </ul>
  );
}
