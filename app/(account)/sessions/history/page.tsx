import type { Metadata } from "next";
import Link from "next/link";
import { buttonVariants } from "@/app/_components/ui/button";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { requestLocale, requestTime } from "@/lib/current/request";
import { listHistory } from "@/lib/current/session";
import { BackToDevices } from "../back-to-devices";
import { EndedDevice } from "./ended-device";

export const metadata: Metadata = { title: "Signed-out devices" };

type Query = { [name: string]: string | string[] | undefined };

export default available(async ({ searchParams }: { searchParams: Promise<Query> }) => {
  const { cursor } = await searchParams;
  const { ended, next } = await listHistory(
    "/sessions/history",
    typeof cursor === "string" ? cursor : undefined,
  );
  const now = requestTime().getTime();
  const locale = await requestLocale();
  return (
    <>
      <BackToDevices />
      <PageHeader
        title="Signed-out devices"
        description="What was signed out in the last 90 days: when, how, and whether the device knows."
      />
      {ended.length > 0 ? (
        <ul aria-label="Signed-out devices" className="devices mt-6">
          {ended.map((session) => (
            <EndedDevice key={session.id} session={session} now={now} locale={locale} />
          ))}
        </ul>
      ) : (
        <EmptyState className="mt-6">
          <p>{cursor ? "No more devices." : "No device was signed out in the last 90 days."}</p>
        </EmptyState>
      )}
      {next && (
        <p className="mt-4">
          <Link
            href={{ pathname: "/sessions/history", query: { cursor: next } }}
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
