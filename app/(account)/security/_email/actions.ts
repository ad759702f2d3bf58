"use server";

import { z } from "zod";
import { mailIsOn, resendOwnVerification } from "@/lib/current/account";
import { authenticatedAction } from "@/lib/current/action";

export type EmailState = { words: string; isProblem: boolean };

/** Sends another link to confirm the address. */
export const resend = authenticatedAction(
  z.object({}),
  async (_, caller): Promise<EmailState> => {
    if (!mailIsOn()) return { words: "This server sends no mail.", isProblem: true };
    await resendOwnVerification(caller);
    return { words: "A new link is on its way. It works for 24 hours.", isProblem: false };
  },
  ({ title }): EmailState => ({ words: title, isProblem: true }),
);
