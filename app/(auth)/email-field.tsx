"use client";

import { useEffect, useRef } from "react";
import { Field } from "@/app/_components/ui/field";
import { rememberEmail, rememberedEmail } from "./remembered-email";

/** The address that somebody signs in or up with: it is typed once, for all the forms of the tab. */
export function EmailField({ defaultValue }: { defaultValue: string | undefined }) {
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const field = area.current?.querySelector("input");
    if (field && field.value === "") field.value = rememberedEmail();
  }, []);
  return (
    <div ref={area}>
      <Field
        name="email"
        label="Email"
        type="email"
        autoComplete="username"
        defaultValue={defaultValue}
        onInput={({ currentTarget }) => rememberEmail(currentTarget.value)}
        required
      />
    </div>
  );
}
