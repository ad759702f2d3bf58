import type { Metadata } from "next";
import { CheckField } from "@/app/_components/ui/field";
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
        <CheckField name="everything" label="Sign out every device" />
      </LinkForm>
    </>
  );
}
