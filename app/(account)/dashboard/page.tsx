import type { Metadata } from "next";
import Link from "next/link";
import { available } from "@/app/_components/unavailable";
import { requireUser } from "@/lib/current/session";

export const metadata: Metadata = { title: "Dashboard" };

export default available(async () => {
  const { name } = await requireUser("/dashboard");
  return (
    <>
      <h1 className="font-semibold text-3xl">
        Hello, <bdi>{name}</bdi>
      </h1>
      <div className="mt-6 max-w-prose space-y-4 rounded-xl border border-input border-dashed p-6">
        <p>
          This is where your app begins: replace me in{" "}
          <code className="font-mono text-sm">app/(account)/dashboard/page.tsx</code>.
        </p>
        <p>
          You see this because you have a live session: the page asked. Sign this device out from another one,
          and watch it go.
        </p>
        <Link href="/sessions" prefetch={false} className="link inline-block py-2">
          See your sessions
        </Link>
      </div>
    </>
  );
});
