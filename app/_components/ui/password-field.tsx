"use client";

import { type ReactNode, useState } from "react";
import { Field } from "./field";

/** A password that can be shown while it is typed (NIST SP 800-63B-4, 3.1.1.2), pasted, and filled in by a manager. */
export function PasswordField({
  name,
  label,
  hint,
  autoComplete,
}: {
  name: string;
  label: string;
  hint?: ReactNode;
  autoComplete: "current-password" | "new-password";
}) {
  const [isShown, setShown] = useState(false);
  const toggle = (
    <button
      type="button"
      aria-label={`${isShown ? "Hide" : "Show"} ${label.toLowerCase()}`}
      aria-controls={name}
      onClick={() => setShown(!isShown)}
      className="absolute inset-e-1 inset-y-1 w-16 rounded-md text-center font-medium text-primary text-sm hover:bg-accent noscript:hidden"
    >
      {isShown ? "Hide" : "Show"}
    </button>
  );
  return (
    <Field
      name={name}
      label={label}
      hint={hint}
      beside={toggle}
      type={isShown ? "text" : "password"}
      autoComplete={autoComplete}
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      required
    />
  );
}
