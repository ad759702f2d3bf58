import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { buttonVariants } from "@/app/_components/ui/button";
import { Card, CardContent } from "@/app/_components/ui/card";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { DeviceDetails } from "@/app/(account)/sessions/_dialogs/device-details";
import { RenameForm } from "@/app/(account)/sessions/_forms/rename-form";
import { viewDevice } from "@/app/(account)/sessions/device-view";
import { requestLocale, requestTime } from "@/lib/current/request";
import { findDevice } from "@/lib/current/session";
import { BackToDevices } from "../back-to-devices";

export const metadata: Metadata = { title: "Device" };

/** A device on a page of its own: what the dialogs of the list show, for browsers without a script. */
export default available(async ({ params }: { params: Promise<{ id: string }> }) => {
  const { id } = await params;
  const found = await findDevice(`/sessions/${id}`, id);
  if (!found) notFound();
  const device = viewDevice(found);
  return (
    <>
      <BackToDevices />
      <PageHeader
        title={<bdi>{device.name}</bdi>}
        actions={
          device.isCurrent ? null : (
            <a
              href={`/sessions/sign-out?device=${device.id}`}
              className={buttonVariants({ variant: "destructive-outline" })}
            >
              Sign out…
            </a>
          )
        }
      />
      <Card className="mt-6 max-w-xl">
        <CardContent>
          <DeviceDetails device={device} now={requestTime().getTime()} locale={await requestLocale()} />
          {!device.isCurrent && (
            <a
              href={`/sessions/sign-out?stranger=${device.id}`}
              className="link mt-4 inline-block py-1 text-sm"
            >
              I don’t recognise this
            </a>
          )}
        </CardContent>
      </Card>
      <section aria-labelledby="rename" className="mt-8 max-w-xl">
        <h2 id="rename" className="mb-3 font-semibold text-[0.9375rem]">
          Rename
        </h2>
        <RenameForm device={device} />
      </section>
    </>
  );
});
