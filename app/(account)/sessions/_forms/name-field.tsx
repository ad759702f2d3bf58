import { type ComponentProps, useEffect, useRef } from "react";
import { Field, FieldErrorsOf } from "@/app/_components/ui/field";
import type { Device } from "@/app/(account)/sessions/device-view";
import { MAX_NAME_LENGTH } from "@/lib/limits";

/** The field for the name of a device, with what is wrong with it. */
export function NameField({
  device,
  problem,
  ...field
}: Omit<ComponentProps<typeof Field>, "name" | "label" | "hint"> & {
  device: Pick<Device, "defaultName">;
  problem: string | null;
}) {
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem) area.current?.querySelector("input")?.focus();
  }, [problem]);
  return (
    <div ref={area}>
      <FieldErrorsOf errors={problem === null ? {} : { name: [problem] }}>
        <Field
          name="name"
          label="Name"
          hint={
            <>
              Leave empty for the default, “<bdi>{device.defaultName}</bdi>”.
            </>
          }
          maxLength={MAX_NAME_LENGTH}
          autoComplete="off"
          {...field}
        />
      </FieldErrorsOf>
    </div>
  );
}
