import { RelativeTime } from "@/app/_components/moment";
import { Badge } from "@/app/_components/ui/badge";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { DeviceIcon } from "@/app/(account)/sessions/device-icon";
import type { Device } from "@/app/(account)/sessions/device-view";
import { DeviceName } from "./device-row";

/** The key in one's hand: this device, as the tag. It signs out in a full navigation. */
export function ThisDevice({ device, now, locale }: { device: Device; now: number; locale: string }) {
  const { customName, defaultName, method, signedInAt } = device;
  return (
    <section
      aria-labelledby={`name-${device.id}`}
      className="tag device"
      data-device={device.id}
      data-look="current"
    >
      <DeviceIcon form={device.form} />
      <div className="device-head">
        <h2 id={`name-${device.id}`} tabIndex={-1} className="device-name">
          <DeviceName device={{ ...device, suffix: null }} isLink />
        </h2>
        <Badge variant="brass">This device</Badge>
      </div>
      <p className="device-what">
        {customName && (
          <span>
            <bdi>{defaultName}</bdi>
            {" · "}
          </span>
        )}
        <bdi>{device.place}</bdi>
        {device.address && (
          <span>
            {" · "}
            <bdi className="device-address">{device.address}</bdi>
          </span>
        )}
        <span>
          {" · signed in "}
          <RelativeTime at={signedInAt} now={now} locale={locale} />
        </span>
        {method && <span>{` with ${method}`}</span>}
      </p>
      <form method="post" action="/api/auth/logout" className="device-actions">
        <SubmitButton variant="outline" size="sm" pending={<span className="sr-only">Signing out…</span>}>
          Sign out<span className="sr-only"> this device</span>
        </SubmitButton>
      </form>
    </section>
  );
}
