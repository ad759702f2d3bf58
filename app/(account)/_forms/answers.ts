import "server-only";
import { redirect } from "next/navigation";
import { z } from "zod";
import { proveCaller } from "@/lib/current/account";
import { type ActionRefusal, fieldsOf } from "@/lib/current/action";
import { isScriptedAction } from "@/lib/current/request";
import type { Admitted } from "@/lib/current/session";
import { PROBLEMS } from "@/lib/errors";
import { type FormState, NOTHING_YET, refused } from "./form-state";

// What the actions of the account's forms answer with.

const LONGEST_PASSWORD = 4_096;

/** The field of a form that step-up guards. */
export const GUARD = { password: z.string().max(LONGEST_PASSWORD).optional() };

/**
 * Asks for the password where step-up is due (RFC 9470). Returns the caller who has proved who they are, or what the form says
 * then: what was typed is still there. `page` is where the form stands.
 */
export async function proofOf(
  caller: Admitted,
  form: { password?: string | undefined },
  page: string,
): Promise<{ ok: true; caller: Admitted } | { ok: false; state: FormState }> {
  const proved = await proveCaller(caller, form.password);
  if (proved.ok) return proved;
  const asking = { ...NOTHING_YET, asksPassword: true, typed: typedIn(form) };
  switch (proved.code) {
    case "password_needed":
      // Nobody has been asked yet who has sent no field for it.
      if (form.password === undefined) return { ok: false, state: asking };
      return { ok: false, state: { ...asking, errors: { password: ["Enter your password."] } } };
    case "wrong_password":
      return { ok: false, state: { ...asking, errors: { password: ["Incorrect password."] } } };
    case "rate_limited":
      return {
        ok: false,
        state: { ...asking, problem: PROBLEMS.rate_limited.title, wait: proved.retryAfter },
      };
    case "session_ended":
      return { ok: false, state: await leaveFor(loginFor(page)) };
  }
}

/** What a form says that an action has refused; `failure` where a field is wrong. */
export function refusedForm(page: string, failure: string) {
  return async ({ code, title, errors }: ActionRefusal, form: unknown): Promise<FormState> => {
    if (code === "signed_out") return leaveFor(loginFor(page));
    const problem = code === "invalid_request" ? failure : title;
    return { ...refused(problem), errors, typed: typedIn(fieldsOf(form)) };
  };
}

/** Leaves the page, in a full navigation: a script does it by itself. */
export async function leaveFor(path: string): Promise<FormState> {
  if (await isScriptedAction()) return { ...NOTHING_YET, leave: path };
  // An address of our own, not one of the typed routes: it may have a query, or be a file.
  redirect(path as never);
}

const loginFor = (page: string) => `/login?${new URLSearchParams({ next: page })}`;

function typedIn(form: Record<string, unknown>): Record<string, string> {
  const typed = Object.entries(form).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && !SECRETS.has(entry[0]),
  );
  return Object.fromEntries(typed);
}

const SECRETS = new Set(["password", "current", "next"]);
