import { EndReason, Receipt } from "@/app/(account)/sessions/_list/end-status";
import { DeviceIcon } from "@/app/(account)/sessions/device-icon";
import { placeOf, viewEnd } from "@/app/(account)/sessions/device-view";
import type { EndedView } from "@/lib/current/session";

/** A session of the past: when it ended, why, from where, and whether its device knows. */
export function EndedDevice({ session, now, locale }: { session: EndedView; now: number; locale: string }) {
  const end = viewEnd(session);
  if (!end) return null;
  return (
    <li className="device" data-look="ended">
      <DeviceIcon form={session.kind === "api" ? "api" : session.device.type} />
      <div className="device-head">
        <h2 className="device-name">
          <bdi>{session.name}</bdi>
          <span className="device-suffix">
            {" · "}
            <bdi>{placeOf(session)}</bdi>
          </span>
        </h2>
      </div>
      <p className="device-end">
        <EndReason end={end} now={now} locale={locale} /> <Receipt end={end} now={now} locale={locale} />
      </p>
    </li>
  );
}
