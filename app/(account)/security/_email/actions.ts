"use server";

import { z } from "zod";
import { GUARD, proofOf, refusedForm } from "@/app/(account)/_forms/answers";
import { done, type FormState, refused } from "@/app/(account)/_forms/form-state";
import { changeOwnEmail, mailIsOn, normaliseEmail, resendOwnVerification } from "@/lib/current/account";
import { authenticatedAction } from "@/lib/current/action";
import type { Admitted } from "@/lib/current/session";
import { PROBLEMS } from "@/lib/errors";

const PAGE = "/security";
const NO_MAIL = "This server sends no mail.";

/** Sends another link to confirm the address. */
export const resend = authenticatedAction(
  z.object({}),
  async (_, caller): Promise<FormState> => {
    if (!mailIsOn()) return refused(NO_MAIL);
    await resendOwnVerification(caller);
    return done("A new link is on its way. It works for 24 hours.");
  },
  refusedForm(PAGE, "No link was sent."),
);

const LONGEST_TYPED = 1_000;
const changeSchema = z.object({
  ...GUARD,
  email: z.string().max(LONGEST_TYPED, "This email address is too long."),
});

/** Asks for another address: it becomes the account's when the link that goes there is used. */
export const changeEmail = authenticatedAction(
  changeSchema,
  change,
  refusedForm(PAGE, "Your email wasn’t changed."),
);

async function change(form: z.infer<typeof changeSchema>, caller: Admitted): Promise<FormState> {
  if (!mailIsOn()) return refused(NO_MAIL);
  const email = normaliseEmail(form.email);
  if (email === null) {
    const errors = { email: ["Enter an email address, like ada@example.com."] };
    return { ...refused("Your email wasn’t changed."), errors, typed: { email: form.email } };
  }
  const proved = await proofOf(caller, form, PAGE);
  if (!proved.ok) return proved.state;
  const asked = await changeOwnEmail(proved.caller, email);
  if (!asked.ok)
    return { ...refused(PROBLEMS.rate_limited.title, asked.retryAfter), typed: { email: form.email } };
  return done(`We sent a link to ${email}. Your email changes when you open it, within 24 hours.`);
}
