import { useState } from "react";

/** Counts the changes of `value`. As a key, the count makes a live region repeat a message. */
export function useCount(value: unknown): number {
  const [last, setLast] = useState({ value, count: 0 });
  if (last.value !== value) setLast({ value, count: last.count + 1 });
  return last.count;
}
