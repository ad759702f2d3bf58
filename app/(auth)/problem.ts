import type { FieldErrors } from "@/lib/errors";

/** Why a form was refused: a sentence for the whole of it, and messages by field. */
export type FormProblem = { title: string; errors: FieldErrors };

/** The sentence of a problem, with how long to wait. `wait` in seconds, or NaN where it is not known. */
export function problemTitle(title: string, wait: number): string {
  if (!Number.isFinite(wait) || wait <= 0) return title;
  const inMinutes = wait > 120;
  const duration = new Intl.NumberFormat("en", {
    style: "unit",
    unit: inMinutes ? "minute" : "second",
    unitDisplay: "long",
  }).format(Math.ceil(inMinutes ? wait / 60 : wait));
  return title.replace("Wait a little, then try again", `Try again in ${duration}`);
}
