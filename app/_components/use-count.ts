import { useState } from "react";

/** How many times `value` has been another one: as a key, it has a live region tell the same words again. */
export function useCount(value: unknown): number {
  const [last, setLast] = useState({ value, count: 0 });
  if (last.value !== value) setLast({ value, count: last.count + 1 });
  return last.count;
}
