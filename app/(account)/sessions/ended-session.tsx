import { endedByOthers, toldToOwner } from "@/app/_components/end-words";
import { When } from "@/app/_components/when";
import type { EndedView } from "@/lib/current/session";
import { Address } from "./address";
import { DeviceIcon } from "./device-icon";
import { Receipt } from "./receipt";

/** A session of the past: when it ended, why, from where, and whether its device knows. */
export function EndedSession({ session }: { session: EndedView }) {
  const { id, name, device, ip, ended_at, ended_reason, ended_by, ended_from, confirmed_at } = session;
  if (!ended_at || !ended_reason) return null;
  return (
    <div className="flex gap-3 p-3 sm:gap-4">
      <DeviceIcon type={device.type} look="ended" />
      <div className="min-w-0">
        <h3 className="font-medium">
          <bdi>{name}</bdi>
          {ip && (
            <span className="font-normal text-muted-foreground">
              {" "}
              <Address ip={ip} />
            </span>
          )}
        </h3>
        <p className="text-muted-foreground">
          <span>{toldToOwner(ended_reason, ended_from)}</span>, <When at={ended_at} />.
        </p>
        {endedByOthers(ended_reason) && ended_by !== id && (
          <p className="text-sm text-muted-foreground">
            <Receipt endedAt={ended_at} confirmedAt={confirmed_at} />
          </p>
        )}
      </div>
    </div>
  );
}
