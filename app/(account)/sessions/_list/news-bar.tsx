import Link from "next/link";
import { useState } from "react";
import { RelativeTime } from "@/app/_components/moment";
import { Button, buttonVariants } from "@/app/_components/ui/button";
import { Notice } from "@/app/_components/ui/notice";
import { KNOWN_COOKIE, knownUntil, newsFor } from "@/app/(account)/sessions/_state/known";
import type { Row } from "@/app/(account)/sessions/_state/rows";
import type { Device } from "@/app/(account)/sessions/device-view";
import { DAYS, SECONDS } from "@/lib/time";
import { ASK_FORM } from "./device-row";

type Props = { rows: Row[]; here: Device; known: string | null; now: number; locale: string };

/**
 * Tells of the latest sign-in on another device since this one signed in. It stays until somebody has answered, also when
 * that device is signed out meanwhile: what goes by itself would move the list.
 */
export function NewsBar({ rows, here, known, now, locale }: Props) {
  const [answered, setAnswered] = useState(known);
  const [latest, ...more] = newsFor(here, rows, answered);
  if (!latest) return null;
  const { device, end } = latest;

  function answer() {
    const value = knownUntil(here, device.signedInAt);
    // biome-ignore lint/suspicious/noDocumentCookie: Firefox before 140 has no Cookie Store API.
    document.cookie = `${KNOWN_COOKIE}=${value}; Path=/sessions; Max-Age=${(7 * DAYS) / SECONDS}; SameSite=Lax`;
    setAnswered(value);
  }

  return (
    <div className="mt-4">
      <Notice look="warning">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p className="min-w-0 grow basis-64">
            <span className="font-medium">
              {end ? <span key="ended">Signed out: </span> : <span key="new">New sign-in: </span>}
              <bdi>{device.name}</bdi>
            </span>{" "}
            <span>
              · <bdi>{device.place}</bdi> ·{" "}
              <RelativeTime at={end?.at ?? device.signedInAt} now={now} locale={locale} />
            </span>
            {more.length > 0 && <span>{` · and ${more.length} more`}</span>}
          </p>
          <div className="flex flex-wrap gap-2">
            {end ? (
              <Link
                key="password"
                href="/security"
                prefetch={false}
                className={buttonVariants({ variant: "outline", size: "sm" })}
              >
                Change your password
              </Link>
            ) : (
              <Button
                key="stranger"
                type="submit"
                form={ASK_FORM}
                name="stranger"
                value={device.id}
                variant="destructive-outline"
                size="sm"
              >
                Not me: sign it out
              </Button>
            )}
            <Button variant="outline" size="sm" className="noscript:hidden" onClick={answer}>
              {end ? <span key="ok">OK</span> : <span key="yes">It was me</span>}
            </Button>
          </div>
        </div>
      </Notice>
    </div>
  );
}
