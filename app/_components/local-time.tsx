"use client";

import { useEffect, useState } from "react";
import { exactTime, relativeTime, SECONDS } from "@/lib/time";

const EVERY = 15 * SECONDS;

/**
 * A time as the server wrote it at `now`; in the browser the words go on, by the clock of the server, and the exact
 * time on hover moves to the time zone of the device.
 */
export function LocalTime({
  at,
  now,
  locale,
  words,
  exact,
}: {
  at: string;
  now: number;
  locale: string;
  words: string;
  exact: string;
}) {
  const [local, setLocal] = useState<{ words: string; exact: string } | null>(null);
  useEffect(() => {
    const then = new Date(at);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const start = performance.now();
    const update = () =>
      setLocal({
        words: relativeTime(then, new Date(now + performance.now() - start), locale),
        exact: exactTime(then, locale, timeZone),
      });
    update();
    const timer = setInterval(update, EVERY);
    return () => clearInterval(timer);
  }, [at, now, locale]);

  const isForeign = !locale.startsWith("en");
  return (
    <time
      dateTime={at}
      title={local?.exact ?? exact}
      lang={isForeign ? locale : undefined}
      dir={isForeign ? "auto" : undefined}
    >
      {local?.words ?? words}
    </time>
  );
}
