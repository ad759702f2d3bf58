import { PasswordField } from "@/app/_components/ui/password-field";

/**
 * The password, asked for again where step-up is due (RFC 9470). `of` is what the form does: a page may have several that ask for it.
 * Not React's `useId`: what was typed before the scripts came is found by an id that stays the same.
 */
export function PasswordAgain({ of }: { of: string }) {
  return (
    <PasswordField
      id={`password-to-${of.toLowerCase().replaceAll(/\W+/g, "-")}`}
      name="password"
      label="Password"
      hint="It’s been a while since you entered it."
      autoComplete="current-password"
    />
  );
}
