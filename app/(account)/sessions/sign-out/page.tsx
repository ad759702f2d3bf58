import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { inWords, type Question } from "@/app/(account)/sessions/_dialogs/question";
import { ConfirmForm } from "@/app/(account)/sessions/_forms/confirm-form";
import { distinguish } from "@/app/(account)/sessions/_state/order";
import { viewDevice } from "@/app/(account)/sessions/device-view";
import { requestLocale, requestTime } from "@/lib/current/request";
import { listDevices } from "@/lib/current/session";

export const metadata: Metadata = { title: "Sign out" };

type Query = { [name: string]: string | string[] | undefined };

/** Asks before something ends, this device if nothing else is named: the dialog of the list for browsers without a script. */
export default available(async ({ searchParams }: { searchParams: Promise<Query> }) => {
  const { question, stepUpAt } = await questionOf(await searchParams);
  if (!question) notFound();
  const now = requestTime();
  const { title, consequence, label, pending } = inWords(question, {
    now: now.getTime(),
    locale: await requestLocale(),
  });
  const device = "device" in question ? question.device : null;
  return (
    <>
      <PageHeader title={title} description={consequence} />
      <div className="mt-6">
        <ConfirmForm
          intent={question.intent}
          id={device?.id}
          label={label}
          pending={pending}
          needsPassword={now >= stepUpAt && !device?.isCurrent}
        />
      </div>
    </>
  );
});

async function questionOf(query: Query): Promise<{ question: Question | null; stepUpAt: Date }> {
  const { device, stranger, which } = query;
  const asked = Object.entries({ device, stranger, which }).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value]] : [],
  );
  const path = ["/sessions/sign-out", new URLSearchParams(asked)].join("?");
  const { live, total, stepUpAt } = await listDevices(path);
  if (which === "others") return { question: { intent: "end-others", count: total - 1 }, stepUpAt };
  if (which === "everywhere") return { question: { intent: "end-all", count: total }, stepUpAt };
  const id = stranger ?? device ?? live[0]?.id;
  const devices = distinguish(live.map(viewDevice), requestTime(), await requestLocale());
  const wanted = devices.find((each) => each.id === id);
  if (!wanted) return { question: null, stepUpAt };
  const intent = stranger === undefined ? "end" : "report";
  return { question: { intent, device: wanted }, stepUpAt };
}
