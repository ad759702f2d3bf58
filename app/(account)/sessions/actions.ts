"use server";

import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { z } from "zod";
import { isolate } from "@/app/_components/isolate";
import { type ActionRefusal, authenticatedAction, fieldsOf } from "@/lib/current/action";
import { isScriptedAction, requestContext } from "@/lib/current/request";
import { type Admitted, forgetSession, nameSession } from "@/lib/current/session";
import { nameSchema } from "@/lib/name";
import { revokeAllSessions, revokeOtherSessions, revokeSession } from "@/lib/session/revoke";
import { nameOf } from "@/lib/session/session";
import { type ActionState, NOTHING_YET } from "./action-state";

// Also refuses a file, or a field that is missing.
const formSchema = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("end"), id: z.string() }),
  z.object({ intent: z.literal("rename"), id: z.string(), name: z.string() }),
  z.object({ intent: z.literal("end-others") }),
  z.object({ intent: z.literal("end-all") }),
]);

type Wanted = z.infer<typeof formSchema>;

/** Everything that the forms of the page do. */
export const act = authenticatedAction(formSchema, perform, refuse);

async function perform(wanted: Wanted, caller: Admitted): Promise<ActionState> {
  const state = await performed(wanted, caller);
  if (state.leave === null) refresh();
  // A script leaves by itself, in a full navigation.
  else if (!(await isScriptedAction())) return leaveNow(state.leave);
  return state;
}

async function performed(wanted: Wanted, caller: Admitted): Promise<ActionState> {
  switch (wanted.intent) {
    case "end":
      return signOut(caller, wanted.id);
    case "rename":
      return rename(caller, wanted);
    case "end-others":
      return signOutOthers(caller);
    case "end-all":
      await revokeAllSessions(caller.session, await requestContext());
      return leave("log-out");
  }
}

async function refuse({ code, title }: ActionRefusal, form: unknown): Promise<ActionState> {
  switch (code) {
    case "signed_out":
      // Without a script the page is rendered next, and would have the browser post all this again to the login page.
      return (await isScriptedAction()) ? leave("log-in") : leaveNow("log-in");
    case "unavailable":
      // Nothing to show the page with: it stays as it is, and what was typed is not lost.
      return { ...failed(title), rename: typedName(form) };
    case "invalid_request":
      refresh();
      return failed(title);
    case "cross_site_request":
      return failed(title);
  }
}

function typedName(form: unknown): ActionState["rename"] {
  const sent = formSchema.safeParse(fieldsOf(form));
  if (!sent.success || sent.data.intent !== "rename") return null;
  return { id: sent.data.id, typed: sent.data.name, problem: null };
}

async function signOut(caller: Admitted, id: string): Promise<ActionState> {
  const isId = z.uuid().safeParse(id).success;
  const revoked = isId ? await revokeSession(caller.session, id, await requestContext()) : null;
  if (!revoked) return failed("That device was signed out already.");
  return id === caller.session.id ? leave("log-in") : done(`Signed out ${isolate(nameOf(revoked))}.`);
}

async function rename(
  caller: Admitted,
  { id, name: typed }: { id: string; name: string },
): Promise<ActionState> {
  // Left empty, it is called by its default name again.
  const name = nameSchema.nullable().safeParse(typed.trim() || null);
  if (!name.success) {
    const problem = z.flattenError(name.error).formErrors.join(" ");
    return { ...NOTHING_YET, rename: { id, typed, problem } };
  }
  const named = await nameSession(caller, id, name.data);
  if (named === null) return failed("That session has ended, so it keeps its name.");
  return {
    ...done(`It is called ${isolate(named)} now.`),
    rename: { id, typed: name.data ?? "", problem: null },
  };
}

async function signOutOthers(caller: Admitted): Promise<ActionState> {
  const count = await revokeOtherSessions(caller.session, await requestContext());
  if (count === null) return leave("log-in");
  if (count === 0) return done("There was no other device to sign out.");
  return done(count === 1 ? "Signed out 1 other session." : `Signed out ${count} other sessions.`);
}

function done(words: string): ActionState {
  return { ...NOTHING_YET, said: { words, isProblem: false } };
}

function failed(words: string): ActionState {
  return { ...NOTHING_YET, said: { words, isProblem: true } };
}

function leave(how: "log-in" | "log-out"): ActionState {
  return { ...NOTHING_YET, leave: how };
}

async function leaveNow(how: "log-in" | "log-out"): Promise<never> {
  if (how === "log-in") redirect("/login?next=%2Fsessions");
  await forgetSession();
  redirect("/login?signed_out=1");
}
