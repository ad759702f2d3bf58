import type { Metadata } from "next";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { BackToDevices } from "@/app/(account)/sessions/back-to-devices";
import { requestLocale, requestTime } from "@/lib/current/request";
import { requireSession } from "@/lib/current/session";
import { env } from "@/lib/env";
import { needsStepUp } from "@/lib/session/session";
import { ApiSessionForm } from "./api-session-form";

export const metadata: Metadata = { title: "New API session" };

export default available(async () => {
  const { session } = await requireSession("/sessions/api");
  return (
    <>
      <BackToDevices />
      <PageHeader
        title="New API session"
        description="For a script or a program that acts for you. You can sign it out like any device."
      />
      <div className="mt-6">
        <ApiSessionForm
          needsPassword={needsStepUp(session, requestTime())}
          origin={env().publicOrigin}
          locale={await requestLocale()}
        />
      </div>
    </>
  );
});
