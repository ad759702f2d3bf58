import type { Metadata } from "next";
import Link from "next/link";
import { buttonVariants } from "@/app/_components/ui/button";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { Icon } from "@/app/_components/ui/icon";
import { PageHeader } from "@/app/_components/ui/page-header";
import { SegmentedControl } from "@/app/_components/ui/segmented-control";
import { available } from "@/app/_components/unavailable";
import { When } from "@/app/_components/when";
import { nameOfAddress } from "@/app/(account)/sessions/device-view";
import { activityPage } from "@/lib/current/account";
import { requireSession } from "@/lib/current/session";
import { inWords, KINDS, type Kind, kindOf, typesOf } from "./event-words";

export const metadata: Metadata = { title: "Activity" };

type Query = { [name: string]: string | string[] | undefined };

/** The address of a page of the activity. */
function addressOf(kind: Kind, cursor?: string) {
  return {
    pathname: "/activity",
    query: { ...(kind !== "all" && { kind }), ...(cursor && { cursor }) },
  } as const;
}

export default available(async ({ searchParams }: { searchParams: Promise<Query> }) => {
  const caller = await requireSession("/activity");
  const query = await searchParams;
  const kind = kindOf(query.kind);
  const cursor = typeof query.cursor === "string" ? query.cursor : undefined;
  const { events, next } = await activityPage(caller, { cursor, types: typesOf(kind) });
  return (
    <>
      <PageHeader
        title="Activity"
        description="What happened to your account. It is kept for 90 days."
        actions={
          <a href="/api/auth/activity?download" className={buttonVariants({ variant: "outline" })}>
            <Icon name="download" />
            Export as JSON
          </a>
        }
      />
      <SegmentedControl label="Show" className="mt-6">
        {(Object.keys(KINDS) as Kind[]).map((each) => (
          <Link
            key={each}
            href={addressOf(each)}
            prefetch={false}
            aria-current={each === kind ? "true" : undefined}
          >
            {KINDS[each]}
          </Link>
        ))}
      </SegmentedControl>
      {events.length > 0 ? (
        <ul aria-label="Activity" className="ui-card mt-4 divide-y divide-border">
          {events.map((event) => (
            <li key={event.id} className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-2.5">
              <div className="min-w-0">
                <p className="font-medium">{inWords(event)}</p>
                <p className="text-[0.8125rem] text-muted-foreground">
                  {[
                    event.device && [event.device.browser, event.device.os].filter(Boolean).join(" on "),
                    event.ip && nameOfAddress(event.ip),
                  ]
                    .filter(Boolean)
                    .join(" · ") || "By the server itself"}
                </p>
              </div>
              <p className="text-[0.8125rem] text-muted-foreground">
                <When at={event.at} />
              </p>
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState className="mt-4">
          <p>{cursor ? "No more activity." : "Nothing of this kind has happened in the last 90 days."}</p>
        </EmptyState>
      )}
      {next && (
        <p className="mt-4">
          <Link
            href={addressOf(kind, next)}
            prefetch={false}
            className={buttonVariants({ variant: "outline" })}
          >
            Older
          </Link>
        </p>
      )}
    </>
  );
});
