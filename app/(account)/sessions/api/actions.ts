"use server";

import { z } from "zod";
import { GUARD, leaveFor, proofOf, refusedForm } from "@/app/(account)/_forms/answers";
import { type FormState, NOTHING_YET } from "@/app/(account)/_forms/form-state";
import { makeApiSession } from "@/lib/current/account";
import { authenticatedAction } from "@/lib/current/action";
import type { Admitted } from "@/lib/current/session";
import { nameSchema } from "@/lib/name";
import { DAYS } from "@/lib/time";
import { LIFETIMES } from "./lifetimes";

/** `made`: the new session, with its token. It is shown once, and stored nowhere. */
export type ApiSessionState = FormState & { made?: { name: string; token: string; endsAt: string } };

const PAGE = "/sessions/api";

const formSchema = z.object({
  ...GUARD,
  name: nameSchema,
  days: z.coerce.number().refine((days) => LIFETIMES.includes(days), "Choose one of these."),
});

/** Makes a session for a program of the caller. */
export const makeSession = authenticatedAction(
  formSchema,
  make,
  refusedForm(PAGE, "No API session was created."),
);

async function make(form: z.infer<typeof formSchema>, caller: Admitted): Promise<ApiSessionState> {
  const typed = { name: form.name, days: String(form.days) };
  const proved = await proofOf(caller, { ...form, ...typed }, PAGE);
  if (!proved.ok) return proved.state;
  const made = await makeApiSession(proved.caller, { name: form.name, lifetime: form.days * DAYS });
  if (!made) return leaveFor("/login?next=%2Fsessions");
  const { token, session } = made;
  return { ...NOTHING_YET, made: { name: session.name, token, endsAt: session.expires_at } };
}
