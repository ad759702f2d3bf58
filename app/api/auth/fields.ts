import "server-only";
import { z } from "zod";
import { normaliseEmail } from "@/lib/account/email";
import { nameSchema } from "@/lib/name";

// The fields of request bodies.

/** Said of a text that is no address, or none that an account can have. */
export const NO_ADDRESS = "Enter an email address, like ada@example.com.";
/** Longest address that is looked at, in UTF-16 units: one in letters may become longer, or shorter, in its one spelling. */
const LONGEST_TYPED = 1_000;

/** An address to sign up with, in its one spelling. */
const email = z
  .string("Enter your email address.")
  .max(LONGEST_TYPED, { error: "This email address is too long.", abort: true })
  .transform((typed, context) => {
    const normal = normaliseEmail(typed);
    if (normal === null) context.addIssue({ code: "custom", message: NO_ADDRESS });
    return normal ?? z.NEVER;
  });

/** An address to sign in with, as typed: older accounts may have one that is not taken any more. */
const typedEmail = z
  .string("Enter your email address.")
  .trim()
  .max(LONGEST_TYPED, { error: "This email address is too long.", abort: true })
  .regex(/^[^@]+@[^@]+$/, NO_ADDRESS)
  .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), NO_ADDRESS);

// Longer than any valid password: refused before it costs a hash. NFC never makes a text much longer.
const password = z
  .string("Enter your password.")
  .min(1, "Enter your password.")
  .max(4_096, "This password is too long.")
  .refine((text) => !text.includes("\0"), "A password cannot contain a NUL character.")
  // All lone surrogates would be hashed alike.
  .refine((text) => text.isWellFormed(), "This password is not valid Unicode.");

/** By the names under which bodies.ts takes them. */
export const fields = {
  email,
  typedEmail,
  password,
  name: nameSchema,
  device: nameSchema,
  keepJson: z.boolean("Must be true or false."),
  // A box that is not ticked is not sent.
  keepForm: z
    .enum(["on", "true", "1", "off", "false", "0", ""])
    .transform((value) => ["on", "true", "1"].includes(value)),
  next: z.string(),
};
