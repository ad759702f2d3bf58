import Link from "next/link";
import { type SubmitEvent, useRef, useState } from "react";
import { loadDialog, type Show } from "@/app/(account)/sessions/_dialogs/load";
import type { Question } from "@/app/(account)/sessions/_dialogs/question";
import { perform } from "@/app/(account)/sessions/_forms/perform";
import type { Message } from "@/app/(account)/sessions/_list/messages";
import type { ActionState } from "@/app/(account)/sessions/action-state";
import type { Device, End } from "@/app/(account)/sessions/device-view";
import type { Change, Rows } from "./rows";
import { type Answer, useEndings } from "./use-endings";

export type DialogContent =
  /** `isGuarded`: the server has asked for the password. */
  | { kind: "question"; question: Question; isGuarded?: boolean }
  | { kind: "details" | "rename"; device: Device };

/** What people do on the page: what is open, what is under way, and what came of it. */
export function useActions({
  rows,
  change,
  here,
  total,
  done,
  clock,
}: {
  rows: Rows;
  change: (change: Change) => void;
  here: Device;
  total: number;
  done: string | null;
  /** Reads the clock of the server. */
  clock: () => number;
}) {
  // Each one that opens is another one: the browser may not have told yet that the last one has closed.
  const [dialog, setDialog] = useState<{ content: DialogContent; key: number; Show: Show } | null>(null);
  const opened = useRef(0);
  const [menuFor, setMenuFor] = useState<Device | null>(null);
  const [message, setMessage] = useState<Message | null>(
    done ? { key: 0, words: done, isProblem: false } : null,
  );
  const { phases, end } = useEndings();

  const live = rows.shown.flatMap((row) => (row.end ? [] : [row.device]));
  const find = (id: string) => [here, ...live].find((device) => device.id === id);

  /** No message stays in sight beside or below a dialog: it is about something else. */
  async function open(content: DialogContent) {
    setMessage(null);
    opened.current += 1;
    const key = opened.current;
    const Show = await loadDialog().catch(() => null);
    if (!Show) return tell("We couldn’t reach the server. Check your connection, then try again.", true);
    if (key === opened.current) setDialog({ content, key, Show });
  }

  function tell(words: Message["words"], isProblem = false) {
    setMessage((last) => ({ key: (last?.key ?? 0) + 1, words, isProblem }));
  }

  const tellSaid = ({ said }: ActionState) => said && tell(said.words, said.isProblem);

  async function signOut(device: Device, answer: Answer = {}) {
    const state = await end({ intent: "end", ...answer }, [device.id]);
    // What went wrong stands in the row.
    if (state.said && !state.said.isProblem) {
      change({ type: "ended", ends: [endBy(here, device.id, "ended_from_another_device", clock())] });
      tellSaid(state);
    }
    return state;
  }

  async function report(device: Device, answer: Answer) {
    const state = await end({ intent: "report", ...answer }, [device.id]);
    if (state.said && !state.said.isProblem)
      tell(
        <>
          <span>{state.said.words}</span>{" "}
          <Link href="/security" prefetch={false} className="link">
            Now change your password
          </Link>
        </>,
      );
    return state;
  }

  async function signOutOthers(answer: Answer) {
    const ids = live.map(({ id }) => id);
    const state = await end({ intent: "end-others", ...answer }, ids);
    if (state.said && !state.said.isProblem)
      change({ type: "ended", ends: ids.map((id) => endBy(here, id, "logout_others", clock())) });
    tellSaid(state);
    return state;
  }

  async function signOutEverywhere(answer: Answer) {
    const state = await perform({ intent: "end-all", ...answer });
    tellSaid(state);
    return state;
  }

  function carryOut(question: Question, answer: Answer): Promise<ActionState> {
    switch (question.intent) {
      case "end":
        return signOut(question.device, answer);
      case "report":
        return report(question.device, answer);
      case "end-others":
        return signOutOthers(answer);
      case "end-all":
        return signOutEverywhere(answer);
    }
  }

  /** A question was answered with yes. Its dialog goes at once; with a password in it, once that has proved right. */
  async function confirm(question: Question, answer: Answer): Promise<ActionState> {
    if (answer.password === undefined) setDialog(null);
    const state = await carryOut(question, answer);
    if (!state.stepUp) setDialog(null);
    else if (answer.password === undefined) void open({ kind: "question", question, isGuarded: true });
    return state;
  }

  /** A "Sign out" was pressed: asks first, unless the answer has been given and only has to be sent again. */
  function asked(event: SubmitEvent<HTMLFormElement>) {
    const { submitter } = event.nativeEvent as globalThis.SubmitEvent;
    if (!(submitter instanceof HTMLButtonElement)) return;
    event.preventDefault();
    submitter.closest<HTMLElement>("[popover]")?.hidePopover();
    const { name, value } = submitter;
    if (name === "which") {
      const question: Question =
        value === "others" ? { intent: "end-others", count: total - 1 } : { intent: "end-all", count: total };
      return void open({ kind: "question", question });
    }
    const device = find(value);
    if (!device || phases[value] === "ending") return;
    if (name === "device" && phases[value]) return void signOut(device);
    void open({ kind: "question", question: { intent: name === "stranger" ? "report" : "end", device } });
  }

  return {
    phases,
    dialog,
    message,
    menuFor,
    asked,
    confirm,
    open,
    find,
    openMenu: (id: string) => setMenuFor(find(id) ?? null),
    closeDialog: () => setDialog(null),
    closeMessage: () => setMessage(null),
    renamed(state: ActionState) {
      setDialog(null);
      tellSaid(state);
    },
  };
}

export type Actions = ReturnType<typeof useActions>;

/** What has just been done from here, as the server will tell it. */
function endBy(
  here: Device,
  id: string,
  reason: "ended_from_another_device" | "logout_others",
  at: number,
): End {
  return {
    id,
    at: new Date(at).toISOString(),
    reason,
    from: here.name,
    confirmedAt: null,
    needsReceipt: true,
  };
}
