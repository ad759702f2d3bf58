import type { ReactNode } from "react";
import { RelativeTime } from "@/app/_components/moment";
import type { Device } from "@/app/(account)/sessions/device-view";

/** What to sign out: one device, all but this one, or all. */
export type Question =
  | { intent: "end" | "report"; device: Device }
  | { intent: "end-others"; count: number }
  | { intent: "end-all"; count: number };

export type QuestionWords = { title: ReactNode; consequence: ReactNode; label: string; pending: string };

const devices = (count: number) => (count === 1 ? "1 device" : `${count} devices`);

/** The question before something ends, for the dialog and for the page without a script. */
export function inWords(question: Question, { now, locale }: { now: number; locale: string }): QuestionWords {
  const pending = "Signing out…";
  switch (question.intent) {
    case "end":
    case "report": {
      const { device, intent } = question;
      return {
        title: (
          <>
            Sign out <bdi>{device.name}</bdi>
            {device.suffix && device.suffix !== device.place && (
              <>
                {" · "}
                <bdi>{device.suffix}</bdi>
              </>
            )}
            ?
          </>
        ),
        consequence: (
          <>
            <span className="block">
              <bdi>{device.place}</bdi> · last active{" "}
              <RelativeTime at={device.lastSeenAt} now={now} locale={locale} />
            </span>
            <span className="mt-2 block">
              {intent === "report"
                ? "Not you? This device and your API sessions lose access immediately. Then change your password."
                : "It loses access immediately. This can’t be undone."}
            </span>
          </>
        ),
        label: "Sign out",
        pending,
      };
    }
    case "end-others":
      return {
        title: "Sign out all other devices?",
        consequence: `${devices(question.count)} ${question.count === 1 ? "loses" : "lose"} access immediately. You stay signed in here. This can’t be undone.`,
        label: "Sign out all others",
        pending,
      };
    case "end-all":
      return {
        title: "Sign out everywhere?",
        consequence:
          question.count === 1
            ? "This device is signed out. You’ll need your password to sign in again."
            : `${question.count === 2 ? "Both" : `All ${question.count}`} devices are signed out, including this one. You’ll need your password to sign in again.`,
        label: "Sign out everywhere",
        pending,
      };
  }
}
