"use client";

import { useEffect, useRef, useState } from "react";
import { SECONDS } from "@/lib/time";
import { exactTime, relativeTime } from "@/lib/time-words";
import { Tooltip } from "./ui/tooltip";

const EVERY = 15 * SECONDS;

/** The time of the server, in milliseconds, from `now` when it rendered the page: it goes on by the clock of the browser. */
export function useNow(now: number): number {
  const [reading, setReading] = useState({ now, passed: 0 });
  useEffect(() => {
    const start = performance.now();
    const timer = setInterval(() => setReading({ now, passed: performance.now() - start }), EVERY);
    return () => clearInterval(timer);
  }, [now]);
  return now + (reading.now === now ? reading.passed : 0);
}

/** Reads the same clock at any moment. */
export function useClock(now: number): () => number {
  const start = useRef({ now, at: 0 });
  useEffect(() => {
    start.current = { now, at: performance.now() };
  }, [now]);
  return () => start.current.now + performance.now() - start.current.at;
}

/** The zone of the reader (IANA), of which the server knows nothing: UTC until the scripts run. */
export function useTimeZone(): string {
  const [zone, setZone] = useState("UTC");
  useEffect(() => setZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  return zone;
}

type Props = { at: string; now: number; locale: string };

/** "2 minutes ago", as `<time>`; the exact time stands elsewhere on the page. `now` has to go on. */
export function RelativeTime({ at, now, locale }: Props) {
  return <time dateTime={at}>{relativeTime(new Date(at), new Date(now), locale)}</time>;
}

/** The exact time, in the zone of the reader. */
export function ExactTime({ at, locale }: Omit<Props, "now">) {
  return <time dateTime={at}>{exactTime(new Date(at), locale, useTimeZone())}</time>;
}

/**
 * "2 minutes ago", by the clock of the server, which goes on in the browser. The exact time shows under the pointer, with the
 * focus, and at a tap.
 */
export function Moment({ at, now, locale }: Props) {
  return (
    <Tooltip content={<ExactTime at={at} locale={locale} />} className="moment">
      <RelativeTime at={at} now={useNow(now)} locale={locale} />
    </Tooltip>
  );
}
