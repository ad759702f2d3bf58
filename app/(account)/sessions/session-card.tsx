import { Fragment, type ReactNode } from "react";
import { When } from "@/app/_components/when";
import { RenameForm } from "@/app/(account)/sessions/_forms/rename-form";
import { SignOutForm } from "@/app/(account)/sessions/_forms/sign-out-form";
import { Until } from "@/app/(account)/sessions/_forms/swap-after";
import { requestTime } from "@/lib/current/request";
import type { LiveView } from "@/lib/current/session";
import { ACTIVE_WITHIN } from "@/lib/limits";
import { Address } from "./address";
import { DeviceIcon } from "./device-icon";
import { Facts } from "./facts";

/** A live session: what it is, and what can be done about it. */
export function SessionCard({ session }: { session: LiveView }) {
  const { id, name, current, device, created_at, last_seen_at, ends_at, expires_at } = session;
  const activeFor = Date.parse(last_seen_at) + ACTIVE_WITHIN - requestTime().getTime();
  const whether = (active: ReactNode, idle: ReactNode) => {
    if (activeFor <= 0) return idle;
    // The session that shows this page is in use.
    if (current) return active;
    return <Until key={last_seen_at} milliseconds={activeFor} now={active} later={idle} />;
  };
  const icon = (look: "current" | "active" | "idle") => <DeviceIcon type={device.type} look={look} />;
  const isSliding = ends_at < expires_at;
  return (
    <article aria-labelledby={`name-${id}`} className="tag p-3 sm:flex sm:gap-4">
      <div className="flex min-w-0 flex-1 gap-3 sm:gap-4">
        {current ? icon("current") : whether(icon("active"), icon("idle"))}
        <div className="min-w-0 flex-1">
          <div className="mb-2 flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1">
            <h3 id={`name-${id}`} tabIndex={-1} className="min-w-0 font-semibold text-lg">
              <bdi>{name}</bdi>
            </h3>
            {current && (
              <span className="rounded-full border border-brass bg-brass-tint px-2.5 font-medium text-brass text-sm">
                This device
              </span>
            )}
            {whether(<Active />, null)}
          </div>
          <Facts
            id={`facts-${id}`}
            facts={[
              [session.kind === "api" ? "Program" : "Browser", software(session)],
              ["Address", place(session)],
              ["Signed in", <When key="signed-in" at={created_at} />],
              ["Last seen", whether("Active now", <When key="last-seen" at={last_seen_at} />)],
              [
                "Ends",
                <Fragment key="ends">
                  <When at={ends_at} />
                  {isSliding && <span> unless used</span>}
                </Fragment>,
              ],
            ]}
          />
          <RenameForm
            id={id}
            name={name}
            customName={session.custom_name ?? ""}
            defaultName={session.default_name}
          />
        </div>
      </div>
      <SignOutForm id={id} name={name} isCurrent={current} />
    </article>
  );
}

/** Beside the name, for the eye; "Last seen" says it in words. */
function Active() {
  return (
    <span aria-hidden="true" className="inline-flex items-center gap-1.5 text-primary text-sm">
      <span className="size-2 rounded-full bg-primary" />
      Active
    </span>
  );
}

function software({ device: { browser, os } }: LiveView): string | null {
  return [browser, os].filter((part) => part !== null).join(" on ") || null;
}

function place({ ip, location }: LiveView): ReactNode {
  if (ip === null) return location;
  return (
    <>
      <Address ip={ip} />
      {location && (
        <span>
          {" · "}
          <bdi>{location}</bdi>
        </span>
      )}
    </>
  );
}
