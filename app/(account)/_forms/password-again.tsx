import { useId } from "react";
import { PasswordField } from "@/app/_components/ui/password-field";

/** The password, asked for again where step-up is due (RFC 9470). */
export function PasswordAgain() {
  return (
    <PasswordField
      // A page may have several forms that ask for it.
      id={useId()}
      name="password"
      label="Password"
      hint="It’s been a while since you entered it."
      autoComplete="current-password"
    />
  );
}
