import type { Metadata } from "next";
import Link from "next/link";
import { isolate } from "@/app/_components/isolate";
import { available } from "@/app/_components/unavailable";
import { requestCookie, requestLocale, requestTime } from "@/lib/current/request";
import { type Devices, listDevices } from "@/lib/current/session";
import { DeviceList } from "./_list/device-list";
import { readFilter } from "./_state/filter";
import { KNOWN_COOKIE } from "./_state/known";
import { distinguish } from "./_state/order";
import { viewDevice, viewEnd } from "./device-view";

export const metadata: Metadata = { title: "Devices" };

type Query = { [name: string]: string | string[] | undefined };

export default available(async ({ searchParams }: { searchParams: Promise<Query> }) => {
  const devices = await listDevices("/sessions");
  const query = await searchParams;
  const locale = await requestLocale();
  const now = requestTime();
  const [here, ...others] = distinguish(devices.live.map(viewDevice), now, locale);
  if (!here) throw new Error("The list lacks the session that asks for it.");
  return (
    <DeviceList
      here={here}
      others={others}
      ends={devices.recentlyEnded.flatMap((session) => viewEnd(session) ?? [])}
      total={devices.total}
      version={devices.version}
      stepUpAt={devices.stepUpAt.getTime()}
      now={now.getTime()}
      locale={locale}
      filter={readFilter(query)}
      known={await requestCookie(KNOWN_COOKIE)}
      done={whatIsDone(query, devices, now)}
    >
      <footer className="device-footer">
        <Link href="/sessions/api" prefetch={false} className="link">
          New API session
        </Link>
        <Link href="/sessions/history" prefetch={false} className="link">
          Signed out in the last 90 days
        </Link>
        <details>
          <summary className="link">What counts as a device?</summary>
          <p>
            Every browser that you sign in with, and every API session of a program. Private windows count as
            devices of their own. The place is worked out from the address, so it may be a nearby town.
          </p>
        </details>
      </footer>
    </DeviceList>
  );
});

/** What a form without a script has just done, out of the address it leads to; only what the rows confirm. */
function whatIsDone({ ended, renamed }: Query, { live, recentlyEnded }: Devices, now: Date): string | null {
  const here = live[0]?.id;
  if (ended === "others") {
    const justNow = now.getTime() - 60_000;
    const count = recentlyEnded.filter(
      ({ ended_by, ended_reason, ended_at }) =>
        ended_by === here && ended_reason === "logout_others" && Date.parse(ended_at ?? "") > justNow,
    ).length;
    if (count === 0) return "No other devices were signed in.";
    return count === 1 ? "Signed out 1 device." : `Signed out ${count} devices.`;
  }
  const gone = recentlyEnded.find(({ id }) => id === ended);
  if (gone) return `Signed out ${isolate(gone.name)}.`;
  const named = live.find(({ id }) => id === renamed);
  return named ? `Renamed to ${isolate(named.name)}.` : null;
}
