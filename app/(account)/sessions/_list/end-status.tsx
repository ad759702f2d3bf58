"use client";

import { useEffect, useState } from "react";
import { Moment } from "@/app/_components/moment";
import { Icon } from "@/app/_components/ui/icon";
import type { End } from "@/app/(account)/sessions/device-view";
import { SECONDS } from "@/lib/time";
import { toldToOwner } from "./told-to-owner";

/** A device that is online confirms within this time, in milliseconds. */
const PATIENCE = 5 * SECONDS;

type Props = { end: End; now: number; locale: string };

/** When and why a device was signed out. */
export function EndReason({ end, now, locale }: Props) {
  const when = <Moment at={end.at} now={now} locale={locale} />;
  return <span key={end.reason}>{toldToOwner(end.reason, when, end.from)}</span>;
}

/** Whether a device that was signed out knows of it; nothing where it did so itself. */
export function Receipt({ end, now, locale }: Props) {
  const left = Date.parse(end.at) + PATIENCE - now;
  const isOver = useIsOver(left);
  if (!end.needsReceipt) return null;
  if (end.confirmedAt)
    return (
      <span key="confirmed" className="device-confirmed">
        <Icon name="check" />
        <span>{`Device confirmed after ${inWords(end.at, end.confirmedAt, locale)}.`}</span>
      </span>
    );
  return (
    <span key="waiting">
      {isOver ? (
        <span key="over">Access removed. The device hasn’t been online since.</span>
      ) : (
        <span key="now">Access removed. Waiting for the device to confirm…</span>
      )}
    </span>
  );
}

/** Whether this was first shown at least that many milliseconds ago. */
function useIsOver(milliseconds: number): boolean {
  const [isOver, setOver] = useState(milliseconds <= 0);
  useEffect(() => {
    if (milliseconds <= 0) return;
    const timer = setTimeout(() => setOver(true), milliseconds);
    return () => clearTimeout(timer);
  }, [milliseconds]);
  return isOver || milliseconds <= 0;
}

/** "0.2 s", "3 min", "2 d", never parted. */
function inWords(from: string, to: string, locale: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / SECONDS);
  const digits = new Intl.NumberFormat(locale, { maximumFractionDigits: seconds < 10 ? 1 : 0 });
  if (seconds < 90) return `${digits.format(Math.max(seconds, 0.1))}\u00a0s`;
  if (seconds < 5_400) return `${digits.format(seconds / 60)}\u00a0min`;
  return seconds < 172_800
    ? `${digits.format(seconds / 3_600)}\u00a0h`
    : `${digits.format(seconds / 86_400)}\u00a0d`;
}
