import type { Metadata } from "next";
import Link from "next/link";
import { buttonVariants } from "@/app/_components/ui/button";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { requireUser } from "@/lib/current/session";

export const metadata: Metadata = { title: "Overview" };

export default available(async () => {
  const { name } = await requireUser("/dashboard");
  return (
    <>
      <PageHeader
        title={
          <>
            Hello, <bdi>{name}</bdi>
          </>
        }
      />
      <EmptyState className="mt-6">
        <p className="max-w-prose text-foreground">
          This is where your app begins: replace me in{" "}
          <code className="wrap-anywhere font-mono text-[0.8125rem]">app/(account)/dashboard/page.tsx</code>.
        </p>
        <p className="max-w-prose">
          You need a live session to see this page. Sign this device out from another one and watch it leave.
        </p>
        <Link
          href="/sessions"
          prefetch={false}
          className={buttonVariants({ variant: "outline", className: "mt-2" })}
        >
          See your devices
        </Link>
      </EmptyState>
    </>
  );
});
