"use client";

import {
  type ComponentProps,
  createContext,
  type ReactNode,
  type SubmitEvent,
  use,
  useActionState,
  useEffect,
  useRef,
} from "react";
import { answered } from "@/app/_components/answered";
import { expectOwnChange } from "@/app/_session/own-change";
import { type ActionState, NOTHING_YET } from "@/app/(account)/sessions/action-state";
import { act } from "@/app/(account)/sessions/actions";
import { Said } from "./status-message";
import { useKeptFocus } from "./use-kept-focus";

const actOrTell = answered(act, (words, form) => ({
  ...NOTHING_YET,
  said: { words, isProblem: true },
  rename:
    form.get("intent") === "rename"
      ? { id: String(form.get("id")), typed: String(form.get("name")), problem: null }
      : null,
}));

type Actions = { state: ActionState; action: (form: FormData) => void };
const Context = createContext<Actions | null>(null);

/** What the last action came to, and the action of every form on the page. */
export function useSessionActions(): Actions {
  const actions = use(Context);
  if (!actions) throw new Error("Put <SessionActions> around the forms.");
  return actions;
}

/** Around everything on the page: runs its actions, says what they came to, and never loses the focus. */
export function SessionActions({ children }: { children: ReactNode }) {
  const [state, action] = useActionState(actOrTell, NOTHING_YET);
  const page = useRef<HTMLDivElement>(null);
  const logOut = useRef<HTMLFormElement>(null);
  useKeptFocus(page);

  useEffect(() => {
    // Full navigations, so that no page stays behind in the router's cache. Logging out takes the cookie, too.
    if (state.leave === "log-in") window.location.replace("/login?next=%2Fsessions");
    if (state.leave === "log-out") logOut.current?.submit();
  }, [state]);

  return (
    <Context value={{ state, action }}>
      <div ref={page}>
        {children}
        <Said state={state} />
        <form ref={logOut} method="post" action="/api/auth/logout" hidden />
      </div>
    </Context>
  );
}

/** A form that does one thing, perhaps to one session. */
export function ActionForm({
  intent,
  id,
  onSubmit,
  children,
  ...form
}: { intent: string; id?: string; children: ReactNode } & Omit<ComponentProps<"form">, "action" | "id">) {
  const { action } = useSessionActions();
  const submitted = (event: SubmitEvent<HTMLFormElement>) => {
    onSubmit?.(event);
    if (!event.defaultPrevented) expectOwnChange();
  };
  return (
    <form action={action} onSubmit={submitted} {...form}>
      <input type="hidden" name="intent" value={intent} />
      {id && <input type="hidden" name="id" value={id} />}
      {children}
    </form>
  );
}
