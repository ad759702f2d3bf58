import { requestLocale, requestTime } from "@/lib/current/request";
import { Moment } from "./moment";

/** "2 minutes ago", with the exact time at hand. `at` is RFC 3339. */
export async function When({ at }: { at: string }) {
  return <Moment at={at} now={requestTime().getTime()} locale={await requestLocale()} />;
}
