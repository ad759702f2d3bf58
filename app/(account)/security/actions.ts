"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { changeOwnPassword } from "@/lib/current/account";
import { type ActionRefusal, authenticatedAction } from "@/lib/current/action";
import type { Admitted } from "@/lib/current/session";
import { type FieldErrors, PROBLEMS } from "@/lib/errors";

/** `wait`: seconds until it may be tried again; 0 for none. */
export type PasswordState = {
  done: string | null;
  problem: string | null;
  errors: FieldErrors;
  wait: number;
};

const LOGIN = "/login?next=%2Fsecurity";
const LONGEST = 4_096;
const password = (empty: string) => z.string(empty).min(1, empty).max(LONGEST, "This password is too long.");

const formSchema = z.object({
  current: password("Enter your current password."),
  next: password("Enter a new password."),
});

/** Changes the password. Nothing that was typed comes back. */
export const changePassword = authenticatedAction(formSchema, change, refuse);

function refuse({ code, title, errors }: ActionRefusal): PasswordState {
  // Without a script the page is rendered next, and would have the browser post all this again to the login page.
  if (code === "signed_out") redirect(LOGIN);
  return code === "invalid_request" ? wrong(errors) : refused(title);
}

async function change(passwords: z.infer<typeof formSchema>, caller: Admitted): Promise<PasswordState> {
  const changed = await changeOwnPassword(caller, passwords);
  if (changed.ok) return { done: toldOf(changed.ended), problem: null, errors: {}, wait: 0 };
  switch (changed.code) {
    case "wrong_password":
      return wrong({ current: ["Incorrect current password."] });
    case "weak_password":
      return wrong({ next: [changed.message] });
    case "rate_limited":
      return refused(PROBLEMS.rate_limited.title, changed.retryAfter);
    case "session_ended":
      redirect(LOGIN);
  }
}

function toldOf(ended: number): string {
  if (ended === 0) return "Password changed.";
  return `Password changed. ${ended === 1 ? "1 other device was" : `${ended} other devices were`} signed out.`;
}

/** `wait` in seconds. */
function refused(problem: string, wait = 0): PasswordState {
  return { done: null, problem, errors: {}, wait };
}

function wrong(errors: FieldErrors): PasswordState {
  return { done: null, problem: "Your password wasn’t changed.", errors, wait: 0 };
}
