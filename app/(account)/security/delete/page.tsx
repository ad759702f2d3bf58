import type { Metadata } from "next";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { DeleteForm } from "@/app/(account)/security/_data/delete-form";
import { ExportForm } from "@/app/(account)/security/_data/export-form";
import { Section } from "@/app/(account)/security/section";
import { requestTime } from "@/lib/current/request";
import { requireSession } from "@/lib/current/session";
import { needsStepUp } from "@/lib/session/session";

export const metadata: Metadata = { title: "Delete account" };

export default available(async () => {
  const { session, user } = await requireSession("/security/delete");
  return (
    <>
      <PageHeader
        title="Delete account"
        description={
          <>
            The account of <bdi className="wrap-anywhere">{user.email}</bdi>, its devices, API sessions and
            activity.
          </>
        }
      />
      <div className="mt-6 grid gap-4">
        <Section
          id="data"
          title="First, keep a copy"
          description="Afterwards there is nothing left to export."
        >
          <ExportForm page="/security/delete" />
        </Section>
        <Section
          id="delete"
          title="Delete everything"
          description="Every device loses access immediately. We can’t bring the account back."
        >
          <DeleteForm needsPassword={needsStepUp(session, requestTime())} />
        </Section>
      </div>
    </>
  );
});
