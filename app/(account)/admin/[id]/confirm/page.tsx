import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { ActForm } from "@/app/(account)/admin/act-form";
import { BackToPerson } from "@/app/(account)/admin/back";
import { isAct, questionOf } from "@/app/(account)/admin/question";
import { showPerson } from "@/lib/current/people";
import { requestTime } from "@/lib/current/request";
import { requireRole } from "@/lib/current/session";
import { needsStepUp } from "@/lib/session/session";

export const metadata: Metadata = { title: "People" };

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<{ [name: string]: string | string[] | undefined }>;
};

/** Asks before an administrator does something to an account. */
export default available(async ({ params, searchParams }: Props) => {
  const { id } = await params;
  const caller = await requireRole(`/admin/${id}`, "admin");
  const { act, session } = await searchParams;
  const found = await showPerson(caller, id);
  const sessionId = typeof session === "string" ? session : undefined;
  if (!found || !isAct(act)) notFound();
  const question = questionOf(act, found, sessionId);
  return (
    <>
      <BackToPerson person={found.person} />
      {question ? (
        <>
          <PageHeader title={question.title} description={question.consequence} />
          <div className="mt-6">
            <ActForm
              fields={{ act, person: id, session: sessionId }}
              label={question.label}
              pending={question.pending}
              needsPassword={needsStepUp(caller.session, requestTime())}
            />
          </div>
        </>
      ) : (
        <PageHeader title="Nothing to do" description="This was done already." />
      )}
    </>
  );
});
