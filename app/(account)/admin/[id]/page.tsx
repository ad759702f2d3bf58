import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { buttonVariants } from "@/app/_components/ui/button";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { Notice } from "@/app/_components/ui/notice";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { When } from "@/app/_components/when";
import { BackToPeople } from "@/app/(account)/admin/back";
import { PersonBadges } from "@/app/(account)/admin/person-badges";
import type { Act } from "@/app/(account)/admin/question";
import { DeviceIcon } from "@/app/(account)/sessions/device-icon";
import { addressOf, placeOf } from "@/app/(account)/sessions/device-view";
import { type PersonView, showPerson } from "@/lib/current/people";
import { requireRole } from "@/lib/current/session";
import type { SessionView } from "@/lib/session/session";

export const metadata: Metadata = { title: "People" };

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<{ [name: string]: string | string[] | undefined }>;
};

/** Somebody and their devices, for administrators. */
export default available(async ({ params, searchParams }: Props) => {
  const { id } = await params;
  const caller = await requireRole(`/admin/${id}`, "admin");
  const found = await showPerson(caller, id);
  if (!found) notFound();
  const { person, sessions, total } = found;
  const isSelf = person.id === caller.user.id;
  const done = whatIsDone((await searchParams).done, person);
  return (
    <>
      <BackToPeople />
      <PageHeader
        title={<bdi>{person.name}</bdi>}
        description={
          <>
            <bdi className="wrap-anywhere">{person.email}</bdi> <PersonBadges person={person} />
          </>
        }
        actions={!isSelf && <Actions person={person} hasDevices={total > 0} />}
      />
      <p className="mt-2 text-muted-foreground">
        {person.email_verified ? "Email confirmed" : "Email not confirmed"}
        {" · since "}
        <When at={person.created_at} />
        {person.disabled_at && (
          <span>
            {" · disabled "}
            <When at={person.disabled_at} />
          </span>
        )}
      </p>
      {done && (
        <div role="status" className="mt-4 max-w-xl">
          <Notice look="info">{done}</Notice>
        </div>
      )}
      <section aria-labelledby="devices" className="mt-6">
        <h2 id="devices" className="mb-2 font-semibold text-[0.9375rem]">
          Devices <span className="font-normal text-muted-foreground">{total}</span>
        </h2>
        {sessions.length > 0 ? (
          <ul aria-labelledby="devices" className="devices">
            {sessions.map((session) => (
              <DeviceRow key={session.id} session={session} person={person} />
            ))}
          </ul>
        ) : (
          <EmptyState>
            <p>No device is signed in.</p>
          </EmptyState>
        )}
      </section>
    </>
  );
});

function Actions({ person, hasDevices }: { person: PersonView; hasDevices: boolean }) {
  return (
    <>
      {hasDevices && (
        <Ask person={person} act="end-all">
          Sign out everywhere…
        </Ask>
      )}
      {person.disabled_at ? (
        <Ask person={person} act="enable">
          Enable account…
        </Ask>
      ) : (
        <Ask person={person} act="disable">
          Disable account…
        </Ask>
      )}
    </>
  );
}

/** Leads to the question. */
function Ask({
  person,
  act,
  session,
  children,
}: {
  person: PersonView;
  act: Act;
  session?: SessionView;
  children: React.ReactNode;
}) {
  const query = new URLSearchParams({ act, ...(session && { session: session.id }) });
  return (
    <a
      href={`/admin/${person.id}/confirm?${query}`}
      className={buttonVariants({
        variant: act === "enable" ? "outline" : "destructive-outline",
        ...(session && { size: "sm" }),
      })}
    >
      {children}
    </a>
  );
}

function DeviceRow({ session, person }: { session: SessionView; person: PersonView }) {
  const address = addressOf(session);
  return (
    <li className="device">
      <DeviceIcon form={session.kind === "api" ? "api" : session.device.type} />
      <div className="device-head">
        <h3 className="device-name">
          <bdi>{session.name}</bdi>
        </h3>
      </div>
      <p className="device-end">
        <bdi>{placeOf(session)}</bdi>
        {address && (
          <span>
            {" · "}
            <bdi className="device-address">{address}</bdi>
          </span>
        )}
        {" · active "}
        <When at={session.last_seen_at} />
      </p>
      {!session.current && (
        <div className="device-actions">
          <Ask person={person} act="end" session={session}>
            Sign out…<span className="sr-only"> {session.name}</span>
          </Ask>
        </div>
      )}
    </li>
  );
}

/** What was just done, as far as the account shows it. */
function whatIsDone(done: unknown, { disabled_at }: PersonView): string | null {
  switch (done) {
    case "end":
      return "Signed out 1 device.";
    case "end-all":
      return "Signed out everywhere.";
    case "disable":
      return disabled_at ? "Account disabled." : null;
    case "enable":
      return disabled_at ? null : "Account enabled.";
    default:
      return null;
  }
}
