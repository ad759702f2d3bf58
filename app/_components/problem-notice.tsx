import { problemTitle } from "@/lib/errors";
import { Notice } from "./ui/notice";

/**
 * Why a form was refused. A wait of `wait` seconds is announced once; `left` of them are shown as they go by, and when they
 * are over, that. Put it into an element with `role="alert"`.
 */
export function ProblemNotice({ title, wait, left }: { title: string; wait: number; left: number }) {
  if (wait === 0) return <Notice look="problem">{title}</Notice>;
  if (left === 0)
    return (
      <Notice key="over" look="info">
        You can try again now.
      </Notice>
    );
  return (
    <Notice key="wait" look="problem">
      <p className="sr-only">{problemTitle(title, wait)}</p>
      <p aria-hidden="true" className="tabular-nums">
        {problemTitle(title, left)}
      </p>
    </Notice>
  );
}
