// Shared: also runs in the browser.
import { DAYS, HOURS, MINUTES, SECONDS } from "./time";

const STEPS = [
  ["year", 365 * DAYS],
  ["month", 30 * DAYS],
  ["day", DAYS],
  ["hour", HOURS],
  ["minute", MINUTES],
  ["second", SECONDS],
] as const;

/** Clients choose the locale, so the number of formatters is bounded. */
const MOST_FORMATTERS = 100;

/** `make`, called once for each combination of arguments: making a formatter takes far longer than using it. */
function remembered<A extends string[], T>(make: (...names: A) => T): (...names: A) => T {
  const made = new Map<string, T>();
  return (...names) => {
    const key = names.join(" ");
    const known = made.get(key);
    if (known) return known;
    if (made.size >= MOST_FORMATTERS) made.clear();
    const fresh = make(...names);
    made.set(key, fresh);
    return fresh;
  };
}

const wordsOf = remembered((locale: string) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const timeOf = remembered(
  (locale: string, timeZone: string) =>
    new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "long", timeZone }),
);

const shortOf = remembered(
  (locale: string, timeZone: string) =>
    new Intl.DateTimeFormat(locale, {
      month: "short",
      day: "numeric",
      hour: "numeric",
      minute: "2-digit",
      timeZone,
      timeZoneName: "short",
    }),
);

const clockOf = remembered(
  (locale: string, timeZone: string) =>
    new Intl.DateTimeFormat(locale, {
      hour: "numeric",
      minute: "2-digit",
      second: "2-digit",
      timeZone,
      timeZoneName: "short",
    }),
);

/** What is over for less than this, in milliseconds, happened "just now": seconds that tick by only disturb. */
const JUST_NOW = 10 * SECONDS;

/** "just now", "2 minutes ago", "in 3 days": `then` as seen from `now`, in a variant of English (BCP 47). */
export function relativeTime(then: Date, now: Date, locale: string): string {
  const distance = then.getTime() - now.getTime();
  if (distance <= 0 && distance > -JUST_NOW) return "just now";
  const words = wordsOf(locale);
  for (const [unit, length] of STEPS) {
    if (Math.abs(distance) < length) continue;
    // What is over was at least that long ago; what is to come in 1 hour and 59 minutes is nearer to 2 hours.
    return words.format(distance < 0 ? Math.trunc(distance / length) : Math.round(distance / length), unit);
  }
  return words.format(0, "second");
}

/** "Nov 27, 7:21 AM UTC": to the minute, where there is little room. `timeZone` is an IANA name. */
export function shortTime(then: Date, locale: string, timeZone: string): string {
  return shortOf(locale, timeZone).format(then);
}

/** "7:21:05 AM UTC": to the second, among times of one day. `timeZone` is an IANA name. */
export function clockTime(then: Date, locale: string, timeZone: string): string {
  return clockOf(locale, timeZone).format(then);
}

/** The exact time with its zone, for `<time title>`. `timeZone` is an IANA name. */
export function exactTime(then: Date, locale: string, timeZone: string): string {
  return timeOf(locale, timeZone).format(then);
}
