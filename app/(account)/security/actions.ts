"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { changeOwnPassword } from "@/lib/current/account";
import { type FieldErrors, PROBLEMS, problemTitle } from "@/lib/errors";
import { tellUnavailable } from "@/lib/http/unavailable";
import { getSession, isSameOriginAction } from "@/lib/current/session";

export type PasswordState = { done: string | null; problem: string | null; errors: FieldErrors };

const LOGIN = "/login?next=%2Fsecurity";
const LONGEST = 4_096;
const password = (empty: string) => z.string(empty).min(1, empty).max(LONGEST, "This password is too long.");

const formSchema = z.object({
  current: password("Enter your current password."),
  next: password("Enter a new password."),
});

/** Changes the password. Nothing that was typed comes back. */
export async function changePassword(_last: PasswordState, form: FormData): Promise<PasswordState> {
  try {
    return await change(form);
  } catch (error) {
    if (!(await tellUnavailable(error))) throw error;
    return refused(PROBLEMS.unavailable.title);
  }
}

async function change(form: unknown): Promise<PasswordState> {
  if (!(await isSameOriginAction())) return refused(PROBLEMS.cross_site_request.title);
  // Without a script the page is rendered next, and would have the browser post all this again to the login page.
  if (!(await getSession())) redirect(LOGIN);
  // Whoever calls an action by hand passes what they like.
  const parsed = formSchema.safeParse(form instanceof FormData ? Object.fromEntries(form) : {});
  if (!parsed.success) return wrong(z.flattenError(parsed.error).fieldErrors);

  const changed = await changeOwnPassword(parsed.data);
  if (changed.ok) return { done: toldOf(changed.ended), problem: null, errors: {} };
  switch (changed.code) {
    case "wrong_password":
      return wrong({ current: ["This is not your current password."] });
    case "weak_password":
      return wrong({ next: [changed.message] });
    case "rate_limited":
      return refused(problemTitle(PROBLEMS.rate_limited.title, changed.retryAfter));
    case "session_ended":
      redirect(LOGIN);
  }
}

function toldOf(ended: number): string {
  if (ended === 0) return "Your password is changed.";
  return `Your password is changed, and ${ended === 1 ? "1 other session is" : `${ended} other sessions are`} signed out.`;
}

function refused(problem: string): PasswordState {
  return { done: null, problem, errors: {} };
}

function wrong(errors: FieldErrors): PasswordState {
  return { done: null, problem: "The password is not changed yet.", errors };
}
