"use server";

import { z } from "zod";
import { leaveFor, refusedForm } from "@/app/(account)/_forms/answers";
import { done, type FormState, NOTHING_YET, refused } from "@/app/(account)/_forms/form-state";
import { changeOwnPassword } from "@/lib/current/account";
import { authenticatedAction } from "@/lib/current/action";
import type { Admitted } from "@/lib/current/session";
import { type FieldErrors, PROBLEMS } from "@/lib/errors";

const FAILURE = "Your password wasn’t changed.";
const LONGEST = 4_096;
const password = (empty: string) => z.string(empty).min(1, empty).max(LONGEST, "This password is too long.");

const formSchema = z.object({
  current: password("Enter your current password."),
  next: password("Enter a new password."),
});

/** Changes the password. Nothing that was typed comes back. */
export const changePassword = authenticatedAction(formSchema, change, refusedForm("/security", FAILURE));

async function change(passwords: z.infer<typeof formSchema>, caller: Admitted): Promise<FormState> {
  const changed = await changeOwnPassword(caller, passwords);
  if (changed.ok) return done(toldOf(changed.ended));
  switch (changed.code) {
    case "wrong_password":
      return wrong({ current: ["Incorrect current password."] });
    case "weak_password":
      return wrong({ next: [changed.message] });
    case "rate_limited":
      return refused(PROBLEMS.rate_limited.title, changed.retryAfter);
    case "session_ended":
      return leaveFor("/login?next=%2Fsecurity");
  }
}

function toldOf(ended: number): string {
  if (ended === 0) return "Password changed.";
  return `Password changed. ${ended === 1 ? "1 other device was" : `${ended} other devices were`} signed out.`;
}

function wrong(errors: FieldErrors): FormState {
  return { ...NOTHING_YET, problem: FAILURE, errors };
}
