import "server-only";
import { singleton } from "@/lib/singleton";

/** A row is looked for this long after it was written: its transaction has committed by then, as a rule. */
const COMMITTED_AFTER = 50;

const alarm = singleton("mail-alarm", () => ({ work: null as (() => void) | null }));

/** Sets what is done when there is something to send; null when the mailer stops. */
export function onWake(work: (() => void) | null): void {
  alarm().work = work;
}

/** Has the mailer look in `delay` milliseconds: something was written that is due then. */
export function wakeMailer(delay: number): void {
  if (alarm().work) setTimeout(() => alarm().work?.(), Math.max(0, delay) + COMMITTED_AFTER).unref();
}
