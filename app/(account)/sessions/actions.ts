"use server";

import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { z } from "zod";
import { isolate } from "@/app/_components/isolate";
import { proveCaller, reportOwnDevice } from "@/lib/current/account";
import { type ActionRefusal, authenticatedAction, fieldsOf } from "@/lib/current/action";
import { isScriptedAction, requestContext } from "@/lib/current/request";
import { type Admitted, forgetSession, nameSession } from "@/lib/current/session";
import { PROBLEMS, problemTitle } from "@/lib/errors";
import { nameSchema } from "@/lib/name";
import { revokeAllSessions, revokeOtherSessions, revokeSession } from "@/lib/session/revoke";
import { nameOf } from "@/lib/session/session";
import { type ActionState, NOTHING_YET } from "./action-state";

/** Whether to go back to the list when it is done: from the pages that stand in for its dialogs. */
const back = { back: z.literal("list").optional() };
/** The password, where step-up is due. */
const guarded = { ...back, password: z.string().max(4_096).optional() };

// Also refuses a file, or a field that is missing.
const formSchema = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("end"), id: z.string(), ...guarded }),
  z.object({
    intent: z.literal("report"),
    id: z.string(),
    everything: z.literal("on").optional(),
    ...guarded,
  }),
  z.object({ intent: z.literal("rename"), id: z.string(), name: z.string(), ...back }),
  z.object({ intent: z.literal("end-others"), ...guarded }),
  z.object({ intent: z.literal("end-all"), ...guarded }),
]);

type Wanted = z.infer<typeof formSchema>;

/** Everything that the forms of the page do. */
export const act = authenticatedAction(formSchema, perform, refuse);

async function perform(wanted: Wanted, caller: Admitted): Promise<ActionState> {
  const state = await performed(wanted, caller);
  // A script leaves by itself, in a full navigation.
  if (state.leave !== null) return (await isScriptedAction()) ? state : leaveNow(state.leave);
  const isDone = state.said?.isProblem === false;
  if (isDone && wanted.back) redirect(`/sessions?${new URLSearchParams(resultOf(wanted))}`);
  return state;
}

/** What the list is to say, for it to look up. */
function resultOf(wanted: Wanted): Record<string, string> {
  switch (wanted.intent) {
    case "end":
    case "report":
      return { ended: wanted.id };
    case "rename":
      return { renamed: wanted.id };
    default:
      return { ended: "others" };
  }
}

async function performed(wanted: Wanted, caller: Admitted): Promise<ActionState> {
  if (wanted.intent === "rename") return rename(caller, wanted);
  // Ending itself asks for nothing.
  const isOwn = "id" in wanted && wanted.id === caller.session.id;
  const proved = isOwn ? caller : await provedCaller(caller, wanted.password);
  if ("session" in proved) return revoked(wanted, proved);
  const everything = "everything" in wanted && wanted.everything === "on";
  return proved.stepUp ? { ...proved, stepUp: { ...proved.stepUp, everything } } : proved;
}

async function revoked(
  wanted: Exclude<Wanted, { intent: "rename" }>,
  caller: Admitted,
): Promise<ActionState> {
  switch (wanted.intent) {
    case "end":
      return signOut(caller, wanted.id);
    case "report":
      return report(caller, { id: wanted.id, everything: wanted.everything === "on" });
    case "end-others":
      return signOutOthers(caller);
    case "end-all":
      await revokeAllSessions(caller.session, await requestContext());
      return leave("log-out");
  }
}

/** The caller, who has just proved who they are or does so with this password; or what to tell them. */
async function provedCaller(caller: Admitted, password: string | undefined): Promise<Admitted | ActionState> {
  const proved = await proveCaller(caller, password);
  if (proved.ok) return proved.caller;
  const asking = (problem: string | null): ActionState => ({ ...NOTHING_YET, stepUp: { problem } });
  switch (proved.code) {
    case "password_needed":
      return asking(password === "" ? "Enter your password." : null);
    case "wrong_password":
      return asking("Incorrect password.");
    case "rate_limited":
      return asking(problemTitle(PROBLEMS.rate_limited.title, proved.retryAfter));
    case "session_ended":
      return leave("log-in");
  }
}

async function report(
  caller: Admitted,
  { id, everything }: { id: string; everything: boolean },
): Promise<ActionState> {
  const count = await reportOwnDevice(caller, { id, everything });
  refresh();
  if (count === null) return leave("log-in");
  if (count === 0) return failed("This device was already signed out.");
  return done(count === 1 ? "Signed out 1 device." : `Signed out ${count} devices.`);
}

async function refuse({ code, title }: ActionRefusal, form: unknown): Promise<ActionState> {
  switch (code) {
    case "signed_out":
      // Without a script the page is rendered next, and would have the browser post all this again to the login page.
      return (await isScriptedAction()) ? leave("log-in") : leaveNow("log-in");
    case "unavailable":
    case "rate_limited":
      // Nothing to show the page with: it stays as it is, and what was typed is not lost.
      return { ...failed(title), rename: typedName(form) };
    case "invalid_request":
    case "cross_site_request":
    case "forbidden":
      return failed(title);
  }
}

function typedName(form: unknown): ActionState["rename"] {
  const sent = formSchema.safeParse(fieldsOf(form));
  if (!sent.success || sent.data.intent !== "rename") return null;
  return { id: sent.data.id, typed: sent.data.name, problem: null };
}

/** Needs no `refresh`: the row says by itself what has become of it, and the stream brings the receipt. */
async function signOut(caller: Admitted, id: string): Promise<ActionState> {
  const isId = z.uuid().safeParse(id).success;
  const revoked = isId ? await revokeSession(caller.session, id, await requestContext()) : null;
  if (!revoked) {
    refresh();
    return failed("This device was already signed out.");
  }
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
  refresh();
  if (named === null) return failed("This device was already signed out, so it can’t be renamed.");
  return {
    ...done(`Renamed to ${isolate(named)}.`),
    rename: { id, typed: name.data ?? "", problem: null },
  };
}

async function signOutOthers(caller: Admitted): Promise<ActionState> {
  const count = await revokeOtherSessions(caller.session, await requestContext());
  if (count === null) return leave("log-in");
  if (count === 0) return done("No other devices were signed in.");
  return done(count === 1 ? "Signed out 1 device." : `Signed out ${count} devices.`);
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
  redirect("/login?signed_out=everywhere");
}
