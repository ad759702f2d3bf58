import type { Metadata } from "next";
import { PageHeader } from "@/app/_components/ui/page-header";
import { LinkForm } from "../link-form";
import { readLinkQuery } from "../link-query";

export const metadata: Metadata = { title: "Confirm your email address" };

export default async function VerifyEmailPage({ searchParams }: PageProps<"/verify-email">) {
  const { token, isDone, problem } = readLinkQuery(await searchParams);
  return (
    <>
      <PageHeader title={isDone ? "Your address is confirmed" : "Confirm your email address"} />
      <LinkForm action="/api/auth/email/verify" token={token} problem={problem} submit="Confirm address" />
    </>
  );
}
