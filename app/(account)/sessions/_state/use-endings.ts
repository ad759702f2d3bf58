import { useCallback, useState } from "react";
import { perform } from "@/app/(account)/sessions/_forms/perform";
import type { ActionState } from "@/app/(account)/sessions/action-state";

/** Where the ending of a device stands, until the row itself says that it has ended. */
export type Phase = "ending" | { problem: string };

/** What is sent along with the "yes" to a question. */
export type Answer = { password?: string; everything?: "on" };

type Ending = { intent: "end" | "report" | "end-others" } & Answer;

/** Signs devices out, each in its row: it says that it is under way, and what went wrong. */
export function useEndings(): {
  phases: Record<string, Phase>;
  end: (ending: Ending, ids: string[]) => Promise<ActionState>;
} {
  const [phases, setPhases] = useState<Record<string, Phase>>({});
  const end = useCallback(async (ending: Ending, ids: string[]) => {
    const mark = (phase: Phase | null) =>
      setPhases((last) => {
        const rest = Object.entries(last).filter(([id]) => !ids.includes(id));
        const marked = phase ? ids.map((id) => [id, phase] as const) : [];
        return Object.fromEntries([...rest, ...marked]);
      });
    mark("ending");
    const isOne = ending.intent !== "end-others";
    const state = await perform(isOne ? { ...ending, id: ids[0] ?? "" } : ending);
    const problem = state.said?.isProblem ? state.said.words : null;
    // What concerns all of them is said once.
    mark(problem && isOne ? { problem } : null);
    return state;
  }, []);
  return { phases, end };
}
