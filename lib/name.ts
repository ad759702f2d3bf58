import "server-only";
import { z } from "zod";
import { MAX_NAME_LENGTH } from "./limits";

/** A name that somebody gives to themselves or to a session: trimmed, 1 to 60 code points, on one line and visible. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, "Enter a name.")
  .refine((text) => [...text].length <= MAX_NAME_LENGTH, `Use ${MAX_NAME_LENGTH} characters or fewer.`)
  // Nor what turns around the text beside it, or ends the isolation that keeps it from doing so (UAX #9).
  .refine(
    (text) => !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text),
    "A name cannot contain control characters.",
  )
  .refine(
    (text) => text === "" || /[\p{L}\p{N}\p{P}\p{S}]/u.test(text),
    "Enter at least one visible character.",
  )
  .refine((text) => text.isWellFormed(), "This name is not valid Unicode.");

/** What to call somebody who gives only an address: the part before the @, or all of it where that cannot be seen. */
export function nameOf(email: string): string {
  const local = nameSchema.safeParse(cutToName(email.slice(0, email.lastIndexOf("@"))));
  return local.data ?? cutToName(email);
}

const cutToName = (text: string) => [...text].slice(0, MAX_NAME_LENGTH).join("");
