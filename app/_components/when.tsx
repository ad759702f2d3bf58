import { requestLocale, requestTime } from "@/lib/current/request";
import { exactTime, relativeTime } from "@/lib/time";
import { LocalTime } from "./local-time";

/** "2 minutes ago", with the exact time on hover, in the locale of the reader. `at` is RFC 3339. */
export async function When({ at }: { at: string }) {
  const locale = await requestLocale();
  const now = requestTime();
  const then = new Date(at);
  return (
    <LocalTime
      at={at}
      now={now.getTime()}
      locale={locale}
      words={relativeTime(then, now, locale)}
      exact={exactTime(then, locale, "UTC")}
    />
  );
}
