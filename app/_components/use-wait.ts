import { useEffect, useState } from "react";
import { SECONDS } from "@/lib/time";

/** Counts `seconds` down from when `cause` was last another one. Returns what is left, and 0 once it is over. */
export function useWait(seconds: number, cause: unknown): number {
  const [count, setCount] = useState({ cause, left: seconds });
  if (count.cause !== cause) setCount({ cause, left: seconds });
  useEffect(() => {
    if (seconds <= 0) return;
    // By the clock: a page in the background is woken rarely.
    const over = performance.now() + seconds * SECONDS;
    const timer = setInterval(() => {
      const left = Math.max(0, Math.ceil((over - performance.now()) / SECONDS));
      setCount({ cause, left });
      if (left === 0) clearInterval(timer);
    }, 1 * SECONDS);
    return () => clearInterval(timer);
  }, [seconds, cause]);
  return count.cause === cause ? count.left : seconds;
}
