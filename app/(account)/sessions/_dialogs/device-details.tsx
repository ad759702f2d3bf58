import type { ReactNode } from "react";
import { ExactTime, RelativeTime } from "@/app/_components/moment";
import type { Device } from "@/app/(account)/sessions/device-view";

/** Everything that is known of a device, the exact times included. */
export function DeviceDetails({ device, now, locale }: { device: Device; now: number; locale: string }) {
  const time = (at: string) => (
    <>
      <span>
        <RelativeTime at={at} now={now} locale={locale} />
      </span>
      <span className="block text-muted-foreground text-xs">
        <ExactTime at={at} locale={locale} />
      </span>
    </>
  );
  const facts: [label: string, value: ReactNode][] = [
    [device.isApi ? "Program" : "Browser", <bdi key="software">{device.defaultName}</bdi>],
    ["Place", <bdi key="place">{device.place}</bdi>],
    ["Address", device.address && <bdi className="wrap-anywhere">{device.address}</bdi>],
    ["Signed in", time(device.signedInAt)],
    ["Signed in with", device.method],
    ["Last active", time(device.lastSeenAt)],
    [
      device.isSliding ? "Signs out, unless used," : device.isApi ? "Expires" : "Signs out",
      time(device.endsAt),
    ],
  ];
  return (
    <dl className="device-details">
      {facts.map(([label, value]) =>
        value ? (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
