import { requestLocale, requestTime } from "@/lib/current/request";
import { SECONDS } from "@/lib/time";
import { RefreshAfter } from "./refresh-after";

const PATIENCE = 5 * SECONDS;

/** Whether an ended device knows of its end yet: its receipt. */
export async function Receipt({ endedAt, confirmedAt }: { endedAt: string; confirmedAt: string | null }) {
  if (confirmedAt)
    return <span>{`Confirmed by the device ${await inWords(endedAt, confirmedAt)} later.`}</span>;
  const left = Date.parse(endedAt) + PATIENCE - requestTime().getTime();
  if (left <= 0) return <span>Its sign-in no longer works. The device has not been back to hear of it.</span>;
  return (
    <>
      <span>Waiting for the device…</span>
      <RefreshAfter milliseconds={left} />
    </>
  );
}

/** "0.2 s", "3 min", "2 d", never parted: short units are the same in every language, the digits are not. */
async function inWords(from: string, to: string): Promise<string> {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / SECONDS);
  const digits = new Intl.NumberFormat(await requestLocale(), {
    maximumFractionDigits: seconds < 10 ? 1 : 0,
  });
  if (seconds < 90) return `${digits.format(Math.max(seconds, 0.1))}\u00a0s`;
  if (seconds < 5_400) return `${digits.format(seconds / 60)}\u00a0min`;
  return seconds < 172_800
    ? `${digits.format(seconds / 3_600)}\u00a0h`
    : `${digits.format(seconds / 86_400)}\u00a0d`;
}
