import type { Metadata } from "next";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { ConfirmForm } from "@/app/(account)/sessions/_forms/confirm-form";
import { SessionActions } from "@/app/(account)/sessions/_forms/session-actions";
import { ENDED_SHOWN, listSessions } from "@/lib/current/session";
import { EndedSession } from "./ended-session";
import { SessionCard } from "./session-card";
import { SteadyList } from "./steady-list";

export const metadata: Metadata = { title: "Your sessions" };

export default available(async () => {
  const { live, total, ended } = await listSessions("/sessions");
  const others = total - 1;
  const unlisted = total - live.length;
  return (
    <SessionActions>
      <PageHeader
        title="Your sessions"
        description="Every device and program that is signed in to your account. What you sign out here is out at once."
      />

      <section aria-labelledby="live" className="mt-8">
        <h2 id="live" className="font-semibold text-xl">
          Signed in{" "}
          <span className="font-normal text-muted-foreground">
            {`· ${total} ${total === 1 ? "session" : "sessions"}`}
          </span>
        </h2>
        {unlisted > 0 && (
          <p className="mt-1 max-w-prose text-muted-foreground">
            {`These are the ${live.length} that were seen last. “Sign out all other devices” ends the other ${unlisted}, too.`}
          </p>
        )}
        <SteadyList
          items={live.map((session) => ({ id: session.id, content: <SessionCard session={session} /> }))}
        />
        <div className="mt-6 flex flex-wrap gap-3">
          {others > 0 && (
            <ConfirmForm
              intent="end-others"
              label="Sign out all other devices"
              pending="Signing out…"
              question="Sign out all other devices?"
              consequence={`${others === 1 ? "The other session ends" : `The ${others} other sessions end`} at once. This device stays signed in.`}
            />
          )}
          <ConfirmForm
            intent="end-all"
            label="Sign out everywhere"
            pending="Signing out…"
            question="Sign out everywhere?"
            consequence="Every session ends at once, on this device too. You can sign in again with your password."
          />
        </div>
      </section>

      {ended.length > 0 && (
        <section aria-labelledby="ended" className="mt-12">
          <h2 id="ended" className="font-semibold text-xl">
            Signed out lately
          </h2>
          {ended.length === ENDED_SHOWN && (
            <p className="mt-1 text-muted-foreground">The last {ENDED_SHOWN}.</p>
          )}
          <ul className="mt-4 divide-y divide-border border-border border-y">
            {ended.map((session) => (
              <li key={session.id}>
                <EndedSession session={session} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </SessionActions>
  );
});
