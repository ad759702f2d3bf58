"use client";

import { SubmitButton } from "@/app/_components/ui/submit-button";
import type { Device } from "@/app/(account)/sessions/device-view";
import { NameField } from "./name-field";
import { PageForm } from "./page-form";

/** Renames a device on its own page. */
export function RenameForm({ device }: { device: Device }) {
  return (
    <PageForm intent="rename" id={device.id}>
      {({ rename }) => (
        <>
          <NameField
            device={device}
            problem={rename?.problem ?? null}
            defaultValue={rename?.typed ?? device.name}
          />
          <SubmitButton variant="outline" pending="Saving…">
            Save
          </SubmitButton>
        </>
      )}
    </PageForm>
  );
}
