"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { GUARD, leaveFor, proofOf, refusedForm } from "@/app/(account)/_forms/answers";
import { type FormState, NOTHING_YET, refused } from "@/app/(account)/_forms/form-state";
import { deleteOwnAccount } from "@/lib/current/account";
import { authenticatedAction } from "@/lib/current/action";
import { isScriptedAction } from "@/lib/current/request";
import { forgetSession } from "@/lib/current/session";

/** Leads to the file with everything that is stored about the caller, once they have proved who they are. */
export const exportData = authenticatedAction(
  z.object({ ...GUARD, page: z.enum(["/security", "/security/delete"]) }),
  async (form, caller): Promise<FormState> => {
    const proved = await proofOf(caller, form, form.page);
    return proved.ok ? leaveFor("/api/auth/export") : proved.state;
  },
  refusedForm("/security", "Nothing was exported."),
);

const DELETE_PAGE = "/security/delete";

/** Deletes the account of the caller, after it has ended every session. */
export const deleteAccount = authenticatedAction(
  z.object({ ...GUARD, sure: z.literal("on").optional() }),
  async (form, caller): Promise<FormState> => {
    if (!form.sure) {
      const errors = { sure: ["Tick this first."] };
      return { ...refused("Your account wasn’t deleted."), errors };
    }
    const proved = await proofOf(caller, form, DELETE_PAGE);
    if (!proved.ok) return proved.state;
    if (!(await deleteOwnAccount(proved.caller))) return leaveFor("/login");
    // A script has the cookie taken by itself, in a full navigation.
    if (await isScriptedAction()) return { ...NOTHING_YET, isDeleted: true };
    await forgetSession();
    redirect("/login?signed_out=deleted");
  },
  refusedForm(DELETE_PAGE, "Your account wasn’t deleted."),
);
