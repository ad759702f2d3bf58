"use server";

import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { z } from "zod";
import { isolate } from "@/app/_components/isolate";
import { PROBLEMS } from "@/lib/errors";
import { tellUnavailable } from "@/lib/http/unavailable";
import { nameSchema } from "@/lib/name";
import {
  endEverySession,
  endOtherSessions,
  endSession,
  forgetSession,
  getSession,
  isSameOriginAction,
  isScriptedAction,
  nameSession,
} from "@/lib/current/session";
import { type ActionState, NOTHING_YET } from "./action-state";

// Also refuses a file, or a field that is missing. Whether an id is one, the data access layer says.
const formSchema = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("end"), id: z.string() }),
  z.object({ intent: z.literal("rename"), id: z.string(), name: z.string() }),
  z.object({ intent: z.literal("end-others") }),
  z.object({ intent: z.literal("end-all") }),
]);

/** Everything that the forms of the page do: one public door, so that its guards cannot be forgotten on another. */
export async function act(_last: ActionState, form: FormData): Promise<ActionState> {
  if (!(await isSameOriginAction())) return failed("This request came from another site and was refused.");
  let state: ActionState;
  try {
    state = await attempt(form);
  } catch (error) {
    if (!(await tellUnavailable(error))) throw error;
    // Nothing to show the page with: it stays as it is.
    return { ...failed(PROBLEMS.unavailable.title), rename: typedName(form) };
  }
  if (state.leave === null) refresh();
  // A script leaves by itself, in a full navigation.
  else if (!(await isScriptedAction())) return leaveNow(state.leave);
  return state;
}

async function attempt(form: unknown): Promise<ActionState> {
  // Without a script the page is rendered next, and would have the browser post all this again to the login page.
  if (!(await getSession())) return leave("log-in");
  const parsed = readForm(form);
  return parsed.success ? perform(parsed.data) : failed("Something in the request is not right.");
}

/** Whoever calls an action by hand passes what they like. */
function readForm(form: unknown) {
  return formSchema.safeParse(form instanceof FormData ? Object.fromEntries(form) : null);
}

async function perform(wanted: z.infer<typeof formSchema>): Promise<ActionState> {
  switch (wanted.intent) {
    case "end":
      return end(wanted.id);
    case "rename":
      return rename(wanted);
    case "end-others":
      return endOthers();
    case "end-all":
      await endEverySession();
      return leave("log-out");
  }
}

/** What was typed as a name, which is not lost. */
function typedName(form: unknown): ActionState["rename"] {
  const sent = readForm(form);
  if (!sent.success || sent.data.intent !== "rename") return null;
  return { id: sent.data.id, typed: sent.data.name, problem: null };
}

async function end(id: string): Promise<ActionState> {
  const ended = await endSession(id);
  if (ended.result === "signed_out") return leave("log-in");
  if (ended.result === "not_found") return failed("That device was signed out already.");
  return done(`Signed out ${isolate(ended.name)}.`);
}

async function rename({ id, name: typed }: { id: string; name: string }): Promise<ActionState> {
  // Left empty, it is called by its default name again.
  const name = nameSchema.nullable().safeParse(typed.trim() || null);
  if (!name.success) {
    const problem = z.flattenError(name.error).formErrors.join(" ");
    return { ...NOTHING_YET, rename: { id, typed, problem } };
  }
  const named = await nameSession(id, name.data);
  if (named.result === "signed_out") return leave("log-in");
  if (named.result === "not_found") return failed("That session has ended, so it keeps its name.");
  return {
    ...done(`It is called ${isolate(named.name)} now.`),
    rename: { id, typed: name.data ?? "", problem: null },
  };
}

async function endOthers(): Promise<ActionState> {
  const count = await endOtherSessions();
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
