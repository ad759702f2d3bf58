import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { inWords, type Question } from "@/app/(account)/sessions/_dialogs/question";
import { ConfirmForm } from "@/app/(account)/sessions/_forms/confirm-form";
import { viewDevice } from "@/app/(account)/sessions/device-view";
import { requestLocale, requestTime } from "@/lib/current/request";
import { listDevices } from "@/lib/current/session";

export const metadata: Metadata = { title: "Sign out" };

type Query = { [name: string]: string | string[] | undefined };

/** Asks before something ends, this device if nothing else is named: the dialog of the list for browsers without a script. */
export default available(async ({ searchParams }: { searchParams: Promise<Query> }) => {
  const question = await questionOf(await searchParams);
  if (!question) notFound();
  const { title, consequence, label, pending } = inWords(question, {
    now: requestTime().getTime(),
    locale: await requestLocale(),
  });
  const id = question.intent === "end" ? question.device.id : undefined;
  return (
    <>
      <PageHeader title={title} description={consequence} />
      <div className="mt-6">
        <ConfirmForm intent={question.intent} id={id} label={label} pending={pending} />
      </div>
    </>
  );
});

async function questionOf({ device, stranger, which }: Query): Promise<Question | null> {
  const asked = Object.entries({ device, stranger, which }).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value]] : [],
  );
  const { live, total } = await listDevices(["/sessions/sign-out", new URLSearchParams(asked)].join("?"));
  if (which === "others") return { intent: "end-others", count: total - 1 };
  if (which === "everywhere") return { intent: "end-all", count: total };
  const id = stranger ?? device ?? live[0]?.id;
  const wanted = live.find((session) => session.id === id);
  return wanted ? { intent: "end", device: viewDevice(wanted), isStranger: stranger !== undefined } : null;
}
