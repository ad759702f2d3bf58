import type { Metadata } from "next";
import { Checkbox } from "@/app/_components/ui/checkbox";
import { PageHeader } from "@/app/_components/ui/page-header";
import { LinkForm } from "../link-form";
import { readLinkQuery } from "../link-query";

export const metadata: Metadata = { title: "This wasn’t me" };

export default async function ReportPage({ searchParams }: PageProps<"/report">) {
  const { token, problem } = readLinkQuery(await searchParams);
  return (
    <>
      <PageHeader title="This wasn’t me" />
      <LinkForm action="/api/auth/report" token={token} problem={problem} submit="Sign that device out">
        <label className="flex items-center gap-2">
          <Checkbox name="everything" />
          <span>Sign out every device</span>
        </label>
      </LinkForm>
    </>
  );
}
