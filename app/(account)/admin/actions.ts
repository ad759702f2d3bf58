"use server";

import { z } from "zod";
import { GUARD, leaveFor, proofOf, refusedForm } from "@/app/(account)/_forms/answers";
import { type FormState, refused } from "@/app/(account)/_forms/form-state";
import { authenticatedAction } from "@/lib/current/action";
import { disablePerson, endPersonsSessions } from "@/lib/current/people";
import type { Admitted } from "@/lib/current/session";

const account = { ...GUARD, person: z.uuid() };

const formSchema = z.discriminatedUnion("act", [
  z.object({ ...account, act: z.literal("end"), session: z.uuid() }),
  z.object({ ...account, act: z.literal("end-all") }),
  z.object({ ...account, act: z.literal("disable") }),
  z.object({ ...account, act: z.literal("enable") }),
]);

/** What an administrator does to an account. Who is none is refused by `lib/account/people.ts`. */
export const act = authenticatedAction(formSchema, perform, refusedForm("/admin", "Nothing was changed."));

async function perform(form: z.infer<typeof formSchema>, caller: Admitted): Promise<FormState> {
  const proved = await proofOf(caller, form, `/admin/${form.person}`);
  return proved.ok ? performed(form, proved.caller) : proved.state;
}

async function performed(form: z.infer<typeof formSchema>, caller: Admitted): Promise<FormState> {
  const isDone = await changed(form, caller);
  return isDone ? leaveFor(`/admin/${form.person}?done=${form.act}`) : refused("There was nothing to do.");
}

async function changed(form: z.infer<typeof formSchema>, caller: Admitted): Promise<boolean> {
  const { person: personId } = form;
  switch (form.act) {
    case "end":
      return (await endPersonsSessions(caller, { personId, sessionId: form.session })) > 0;
    case "end-all":
      return (await endPersonsSessions(caller, { personId, sessionId: "all" })) > 0;
    case "disable":
    case "enable":
      return disablePerson(caller, { personId, isDisabled: form.act === "disable" });
  }
}
