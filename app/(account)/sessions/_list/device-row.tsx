import { memo } from "react";
import { RelativeTime } from "@/app/_components/moment";
import { Badge } from "@/app/_components/ui/badge";
import { Button } from "@/app/_components/ui/button";
import { Icon } from "@/app/_components/ui/icon";
import { Spinner } from "@/app/_components/ui/spinner";
import { MENU } from "@/app/(account)/sessions/_dialogs/device-menu";
import { isActive, isNew } from "@/app/(account)/sessions/_state/order";
import type { Row } from "@/app/(account)/sessions/_state/rows";
import type { Phase } from "@/app/(account)/sessions/_state/use-endings";
import { DeviceIcon } from "@/app/(account)/sessions/device-icon";
import type { Device } from "@/app/(account)/sessions/device-view";
import { EndReason, Receipt } from "./end-status";

/** The form that every "Sign out" belongs to: it asks first, in a dialog or on a page of its own. */
export const ASK_FORM = "ask";

type Props = { row: Row; phase: Phase | undefined; now: number; locale: string };

/** Another device: what it is, where, when it was last in use, and what can be done about it. */
export const DeviceRow = memo(function DeviceRow({ row, phase, now, locale }: Props) {
  const { device, end } = row;
  const look = end ? "ended" : isActive(device, now) ? "active" : "idle";
  return (
    <li
      className="device"
      data-device={device.id}
      data-look={look}
      aria-busy={phase === "ending" || undefined}
    >
      <DeviceIcon form={device.form} />
      <div className="device-head">
        <h3 id={`name-${device.id}`} tabIndex={-1} className="device-name">
          <DeviceName device={device} isLink={!end} />
        </h3>
        {!end && isNew(device, now) && <Badge variant="warning">New</Badge>}
      </div>
      {end ? (
        <p className="device-end">
          {end.needsReceipt ? (
            <Receipt key="receipt" end={end} now={now} locale={locale} />
          ) : (
            <EndReason key="reason" end={end} now={now} locale={locale} />
          )}
        </p>
      ) : (
        <>
          <p className="device-what">
            <What device={device} now={now} locale={locale} />
          </p>
          <div className="device-facts">
            <p className="device-where">
              <bdi className="device-place">{device.place}</bdi>
              {device.address && <bdi className="device-address">{device.address}</bdi>}
            </p>
            <p className="device-seen">
              {look === "active" ? (
                <Badge key="active" variant="online">
                  Active now
                </Badge>
              ) : (
                <RelativeTime key="seen" at={device.lastSeenAt} now={now} locale={locale} />
              )}
            </p>
          </div>
          <Actions device={device} phase={phase} />
        </>
      )}
      {phase && phase !== "ending" && !end && (
        <p role="alert" className="device-problem">
          {phase.problem}
        </p>
      )}
    </li>
  );
});

/** Its name, kept to itself: it may be written from right to left. */
export function DeviceName({ device, isLink }: { device: Device; isLink: boolean }) {
  const name = <bdi>{device.name}</bdi>;
  return (
    <>
      {isLink ? (
        <a href={`/sessions/${device.id}`} data-details={device.id}>
          {name}
        </a>
      ) : (
        <s>{name}</s>
      )}
      {device.suffix && (
        <span className="device-suffix" data-is-place={device.suffix === device.place}>
          {` · ${device.suffix}`}
        </span>
      )}
    </>
  );
}

/** What it is, if its name does not say so; otherwise how it was signed in. */
export function What({ device, now, locale }: { device: Device; now: number; locale: string }) {
  const { isApi, customName, defaultName, endsAt, isSliding, signedInAt, method } = device;
  const relative = (at: string) => <RelativeTime at={at} now={now} locale={locale} />;
  if (isApi)
    return (
      <>
        <span>API session</span>
        {!isSliding && <span> · expires {relative(endsAt)}</span>}
      </>
    );
  if (customName) return <bdi>{defaultName}</bdi>;
  return (
    <>
      <span>Signed in {relative(signedInAt)}</span>
      {method && <span>{` · ${method}`}</span>}
    </>
  );
}

function Actions({ device, phase }: { device: Device; phase: Phase | undefined }) {
  const isEnding = phase === "ending";
  const label = [device.name, device.suffix].filter(Boolean).join(", ");
  return (
    <div className="device-actions">
      <button
        type="submit"
        form={ASK_FORM}
        name="device"
        value={device.id}
        aria-disabled={isEnding || undefined}
        className="ui-button ui-button-destructive-outline ui-button-sm"
      >
        <span className={isEnding ? "invisible" : undefined}>
          <span>{phase && !isEnding ? "Try again" : "Sign out"}</span>
          <span className="sr-only">{` ${label}`}</span>
        </span>
        {isEnding && (
          <span className="device-ending">
            <Spinner />
            <span className="sr-only">Signing out…</span>
          </span>
        )}
      </button>
      <Button
        variant="ghost"
        size="icon-sm"
        popoverTarget={MENU}
        data-menu={device.id}
        aria-label={`More for ${label}`}
        className="device-more noscript:hidden"
      >
        <Icon name="ellipsis" />
      </Button>
    </div>
  );
}
