import type { ComponentProps } from "react";

const SHAPE =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-lg border px-4 py-2 text-center font-medium";

const LOOKS = {
  primary: "border-transparent bg-accent text-on-accent hover:bg-accent-strong aria-disabled:hover:bg-accent",
  quiet: "border-edge bg-card text-ink hover:border-ink",
  danger: "border-danger bg-card text-danger hover:bg-danger-tint",
  "danger-solid": "border-transparent bg-danger text-on-danger hover:bg-danger-strong",
} as const;

export type Look = keyof typeof LOOKS;

/** The classes of a button, for links that look like one. */
export function buttonClass(look: Look, more = ""): string {
  return `${SHAPE} ${LOOKS[look]} ${more}`;
}

export function Button({
  look = "quiet",
  className,
  type = "button",
  ...button
}: ComponentProps<"button"> & { look?: Look }) {
  return <button type={type} className={buttonClass(look, className)} {...button} />;
}
