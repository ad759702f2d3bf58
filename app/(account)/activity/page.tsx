import type { Metadata } from "next";
import Link from "next/link";
import { buttonVariants } from "@/app/_components/ui/button";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { When } from "@/app/_components/when";
import { activityPage } from "@/lib/current/account";
import { requireSession } from "@/lib/current/session";
import { inWords } from "./event-words";

export const metadata: Metadata = { title: "Activity" };

type Query = { [name: string]: string | string[] | undefined };

export default available(async ({ searchParams }: { searchParams: Promise<Query> }) => {
  const caller = await requireSession("/activity");
  const { cursor } = await searchParams;
  const { events, next } = await activityPage(caller, typeof cursor === "string" ? cursor : undefined);
  return (
    <>
      <PageHeader title="Activity" description="What happened to your account in the last 90 days." />
      {events.length > 0 ? (
        <ul aria-label="Activity" className="ui-card mt-6 divide-y divide-border">
          {events.map((event) => (
            <li key={event.id} className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-2.5">
              <div className="min-w-0">
                <p className="font-medium">{inWords(event)}</p>
                <p className="text-[0.8125rem] text-muted-foreground">
                  {[
                    event.device && [event.device.browser, event.device.os].filter(Boolean).join(" on "),
                    event.ip,
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
        <EmptyState className="mt-6">
          <p>{cursor ? "No more activity." : "Nothing has happened yet."}</p>
        </EmptyState>
      )}
      {next && (
        <p className="mt-4">
          <Link
            href={{ pathname: "/activity", query: { cursor: next } }}
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
