import {
  isAwaited,
  isForgotten,
  isViolated,
  LEASE,
  nameOf,
  protocol,
  type Rule,
  START,
  type State,
} from "./protocol-model";

/** What a search found: the shortest way to a state that must not be, or null. */
export type Found = { states: number; way: string[] | null };

/**
 * Walks through every state of the protocol, nearest first. It looks either for a check that would let an ended session
 * in, or for an ending that would not be answered within a lease and a tick although nothing more goes wrong; for that,
 * it does not matter what anybody remembers.
 */
export function search(looksFor: "let in" | "never answered", without: readonly Rule[] = []): Found {
  const { steps, tick, nextWhenWell } = protocol({ without, sessions: looksFor === "let in" });
  const cameBy = new Map<string, { from: string; by: string } | null>([[nameOf(START), null]]);
  const ticksLeft = new Map<string, number>();

  const wayTo = (name: string) => {
    const way: string[] = [];
    for (let at = cameBy.get(name); at; at = cameBy.get(at.from)) way.unshift(at.by);
    return way;
  };

  /** Ticks until an ending is answered when nothing more goes wrong; infinite when it never is. */
  const ticksToAnswer = (state: State): number => {
    const passed: [string, number][] = [];
    let ticks = 0;
    let at = state;
    for (let known: number | undefined; isAwaited(at); ) {
      const name = nameOf(at);
      known = ticksLeft.get(name);
      if (known !== undefined || ticks > 10 * LEASE) {
        ticks += known ?? Number.POSITIVE_INFINITY;
        break;
      }
      passed.push([name, ticks]);
      const next = nextWhenWell(at);
      if (!next) ticks += 1;
      at = next ?? tick(at);
    }
    for (const [name, before] of passed) ticksLeft.set(name, ticks - before);
    return ticks;
  };

  for (let edge = [{ from: nameOf(START), state: START }]; edge.length > 0; ) {
    const beyond: typeof edge = [];
    for (const { from, state } of edge) {
      for (const { name: by, next } of steps(state)) {
        const name = nameOf(next);
        if (cameBy.has(name)) continue;
        cameBy.set(name, { from, by });
        const isFound =
          looksFor === "let in" ? isViolated(next) : isAwaited(next) && ticksToAnswer(next) > LEASE + 1;
        if (isFound) return { states: cameBy.size, way: wayTo(name) };
        const isOver = looksFor === "let in" ? isForgotten(next) : next.ending === "answered";
        if (!isOver) beyond.push({ from: name, state: next });
      }
    }
    edge = beyond;
  }
  return { states: cameBy.size, way: null };
}
