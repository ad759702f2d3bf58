// The protocol of docs/revocation.md in plain steps: a database with one session; an instance that has it in memory
// whenever it may (called the instance); another one that is asked to end it (the asker); and others that end something
// else and may take the instance off the list meanwhile. Whatever a machine or a network may do is a step: messages
// arrive late or never, statements of a lost connection still land, processes stop for any time (no step of theirs is
// taken), fail, or die. Time goes in ticks. `search.ts` walks through every state that can be reached.
//
// To remember more is never safer, so while the session lives, the instance remembers it and has a read of it under way
// at every moment at which it may.

/** The rules of the protocol. Each is needed: without it, the search finds a violation. */
export const RULES = {
  waits: "an ending is answered only once each other instance acknowledged its fence, or its lease is over",
  drawnAfter: "the fence is drawn, and the list read, after the commit",
  ownNews: "the asker applies its own news before it answers",
  stale: "a read that was under way when news of its session came is not remembered",
  fromTheSending: "a lease is counted from before its renewal was sent",
  lapseForgets: "after a lapse, and when it was taken off the list, an instance begins with an empty memory",
  epochs: "a read that began without the lease, or before it lapsed, is not remembered",
  lossForgets: "a lost connection ends the lease and empties the memory",
  listenFirst: "an instance listens before it enters the list",
  giveUpFirst: "an instance gives up its lease before it leaves the list",
  wholeLease: "an instance is taken off the list only when its beat stood still for a whole lease",
  byBeat: "a row is deleted only while its beat is the one that was seen",
  freshBeats: "no beat comes twice",
  repeatWaits: "an ending that finds its work done waits all the same",
  repeatForgets: "an ending that finds its work done forgets the session where it was asked",
  heardWhenAnswered: "what a registration covers is claimed after its answer, not by its statement",
  // Without one of these two nobody is let in, but some ending is never answered.
  registrationHears: "a registration covers every fence drawn before it",
  oneConnection: "the connection that renews the lease is the one that brings the news",
} as const;

export type Rule = keyof typeof RULES;

/** Ticks that a renewal is worth. */
export const LEASE = 2;

/** Fences drawn, told or heard so far: the asker draws at most two. */
type Fence = 0 | 1 | 2;

/** What the instance sends: a renewal with the fence it heard, or a registration. */
type Statement = `renew ${Fence}` | "register";
/** What it is told, in the order of the commits: the ending, and fences. */
type Message = "ended" | `fence ${Fence}`;
/** What it is answered, which nothing here expects to keep its place among the messages. */
type Answer = "renewed" | "no row" | `registered ${Fence}`;

/**
 * A beat as somebody saw it: whether the row still has it, and for how many ticks. `first`: it was the first one of its
 * row; followed only where beats may come twice.
 */
type Seen = { same: boolean; age: number; first: boolean };

export type State = {
  // The database.
  live: boolean;
  drawn: Fence;
  row: { age: number; first: boolean; heard: Fence } | null;

  // The instance. `cut`: its connection is dead and it has not noticed; `deaf`: it does not listen yet.
  connection: "none" | "deaf" | "up" | "cut";
  sent: Statement | null;
  /** Ticks since it sent the statement whose answer it awaits. */
  sentAge: number | null;
  answer: Answer | null;
  down: readonly Message[];
  /** A statement of a lost connection that may still reach the database. */
  late: Statement | null;
  /** Its deletion of its own row, under way. */
  leaving: Seen | null;
  lease: number;
  remembers: boolean;
  /** It has a read under way, which found the session live and would be remembered. */
  reads: boolean;
  heard: Fence;
  stopped: boolean;

  // The asker. Its own lease never lapses: that only makes it remember more.
  ending: "not begun" | "drawn early" | "committed" | "waiting" | "failed" | "answered";
  fence: Fence;
  /** The beat of the instance, while the asker waits for it. */
  waitsFor: Seen | null;
  acknowledged: Fence;
  /** It remembers the session, or has a read under way which would be remembered. */
  askerRemembers: boolean;
  askerDied: boolean;
};

export const START: State = {
  live: true,
  drawn: 0,
  row: null,
  connection: "none",
  sent: null,
  sentAge: null,
  answer: null,
  down: [],
  late: null,
  leaving: null,
  lease: 0,
  remembers: false,
  reads: false,
  heard: 0,
  stopped: false,
  ending: "not begun",
  fence: 0,
  waitsFor: null,
  acknowledged: 0,
  askerRemembers: true,
  askerDied: false,
};

/** A step with what it does, in words; the state after it is complete in itself. */
export type Step = { name: string; next: State };
type Steps = Generator<Step>;

/** Whether a check that begins now would accept the session although its ending was answered. */
export function isViolated(state: State): boolean {
  const instanceAccepts = state.lease > 0 && (state.remembers || state.reads);
  return state.ending === "answered" && (instanceAccepts || (state.askerRemembers && !state.askerDied));
}

/** Whether nobody remembers the ended session any more, nor will: it is read only while it lives. */
export function isForgotten(state: State): boolean {
  return !state.live && !state.remembers && !state.reads && (!state.askerRemembers || state.askerDied);
}

/** Whether somebody waits for the answer to an ending. */
export function isAwaited({ ending }: State): boolean {
  return ending === "committed" || ending === "waiting";
}

const highest = (...fences: Fence[]) => Math.max(...fences) as Fence;
const fenceOf = (text: string) => Number(text.at(-1)) as Fence;
const older = <T extends { age: number }>(it: T | null) => it && { ...it, age: Math.min(it.age + 1, LEASE) };
const seen = ({ first }: { first: boolean }): Seen => ({ same: true, age: 0, first });
const changed = (it: Seen | null) => it && { ...it, same: false, age: 0 };

/** The steps of the protocol with all rules but those in `without`; without `sessions`, nobody reads any. */
export function protocol({ without, sessions }: { without: readonly Rule[]; sessions: boolean }) {
  const has = (rule: Rule) => !without.includes(rule);

  /** The instance reads and remembers whatever it may. */
  function remembering(state: State): State {
    const mayRead = sessions && (state.lease > 0 || !has("epochs"));
    if (!state.live || !mayRead) return state;
    return { ...state, reads: true, remembers: state.remembers || state.lease > 0 };
  }

  /** The lease has lapsed, or is given up. */
  const newEpoch = (state: State): State => ({
    ...state,
    lease: 0,
    remembers: false,
    reads: state.reads && !has("epochs"),
  });

  const takeLease = (state: State): State => {
    const lapsed = state.lease === 0;
    const fresh = lapsed ? newEpoch(state) : state;
    const left = Math.max(0, LEASE - (state.sentAge ?? LEASE));
    return {
      ...fresh,
      remembers: lapsed ? state.remembers && !has("lapseForgets") : state.remembers,
      lease: has("fromTheSending") ? left : LEASE,
      sentAge: null,
    };
  };

  const hearNews = (state: State): State => ({
    ...state,
    remembers: false,
    reads: state.reads && !has("stale"),
  });

  /** The instance loses its connection, or gives it up; `late` may still reach the database. */
  function lose(state: State, late: Statement | null): State {
    const knowsBeat = state.sentAge === null || state.sent !== null;
    const lost: State = {
      ...state,
      connection: "none",
      sent: null,
      sentAge: null,
      answer: null,
      down: [],
      late: late ?? state.late,
      leaving: state.row && { ...seen(state.row), same: knowsBeat },
    };
    return has("lossForgets") && has("giveUpFirst") ? newEpoch(lost) : lost;
  }

  /** A statement of the instance reaches the database. */
  function land(state: State, statement: Statement): { state: State; answer: Answer } {
    if (statement === "register") return register(state);
    if (!state.row) return { state, answer: "no row" };
    const row = { age: 0, first: false, heard: highest(state.row.heard, fenceOf(statement)) };
    return { state: withBeat({ ...state, row }, changed), answer: "renewed" };
  }

  function register(state: State): { state: State; answer: Answer } {
    const isNew = state.row === null;
    const heard = has("heardWhenAnswered") ? (state.row?.heard ?? 0) : state.drawn;
    const row = { age: 0, first: isNew && !has("freshBeats"), heard };
    const again = (it: Seen | null) => it && { ...it, same: it.first && row.first };
    return {
      state: withBeat({ ...state, row }, has("freshBeats") ? changed : again),
      answer: `registered ${has("registrationHears") ? state.drawn : 0}`,
    };
  }

  const withBeat = (state: State, see: (it: Seen | null) => Seen | null): State => ({
    ...state,
    waitsFor: see(state.waitsFor),
    leaving: see(state.leaving),
  });

  function hear(state: State): State {
    const [message = "ended", ...down] = state.down;
    if (message === "ended") return hearNews({ ...state, down });
    const heard = highest(state.heard, fenceOf(message));
    // The acknowledgement may take its time: so may the asker, until it looks.
    return { ...state, down, heard, acknowledged: heard };
  }

  function beAnswered(state: State, answer: Answer): State {
    const rest: State = { ...state, answer: null };
    if (answer === "renewed") return takeLease(rest);
    if (answer === "no row") {
      const fresh = has("lapseForgets") ? newEpoch(rest) : rest;
      return { ...fresh, sent: "register", sentAge: 0 };
    }
    const heard = highest(rest.heard, fenceOf(answer));
    return takeLease({ ...rest, heard, lease: has("lossForgets") && has("lapseForgets") ? 0 : rest.lease });
  }

  const tell = (state: State, message: Message): State =>
    state.connection === "up" ? { ...state, down: [...state.down, message] } : state;

  function* feedSteps(state: State): Steps {
    const { connection, sent, sentAge, down } = state;
    if (connection === "none" && !state.stopped) {
      const fresh: State = { ...state, sent: "register", sentAge: 0 };
      yield {
        name: "instance: connect, listen, register",
        next: { ...fresh, connection: has("listenFirst") ? "up" : "deaf" },
      };
    }
    if (connection === "deaf" && sentAge === null)
      yield { name: "instance: listen", next: { ...state, connection: "up" } };
    const knowsConnected = connection === "up" || connection === "cut";
    if (knowsConnected && sentAge === null && state.lease < LEASE)
      yield {
        name: "instance: send a renewal",
        next: { ...state, sent: `renew ${state.heard}`, sentAge: 0 },
      };
    const passes =
      connection === "up" || connection === "deaf" || (connection === "cut" && !has("oneConnection"));
    if (passes && sent) {
      const { state: landed, answer } = land({ ...state, sent: null }, sent);
      yield { name: `database: ${sent}`, next: { ...landed, answer } };
    }
    if (passes && state.answer)
      yield { name: `instance: be answered "${state.answer}"`, next: beAnswered(state, state.answer) };
    if ((connection === "up" || connection === "deaf") && down.length > 0)
      yield { name: `instance: hear "${down[0]}"`, next: hear(state) };
    if (connection === "cut" && !passes && sentAge === LEASE)
      yield { name: "instance: notice the loss of the connection", next: lose(state, null) };
    if (state.leaving) {
      const row = state.leaving.same || !has("byBeat") ? null : state.row;
      yield { name: "database: the instance leaves the list", next: { ...state, row, leaving: null } };
    }
    if (state.late) {
      const { state: landed } = land({ ...state, late: null }, state.late);
      yield { name: `database: ${state.late}, from a lost connection`, next: landed };
    }
    if (state.reads && (state.lease > 0 || !has("epochs")))
      yield { name: "instance: end the read", next: { ...state, reads: false, remembers: true } };
  }

  function* askerSteps(state: State): Steps {
    const { ending, row, waitsFor } = state;
    const fence = (state.drawn + 1) as Fence;
    const draw = (next: State["ending"]): State =>
      tell({ ...state, drawn: fence, fence, waitsFor: row && seen(row), ending: next }, `fence ${fence}`);
    const answer: Step = { name: "asker: answer", next: { ...state, ending: "answered" } };

    if (ending === "not begun" && !has("drawnAfter"))
      yield { name: "asker: draw", next: draw("drawn early") };
    if (ending === "drawn early" || (ending === "not begun" && has("drawnAfter"))) {
      const next = ending === "drawn early" ? "waiting" : "committed";
      const committed: State = { ...state, live: false, askerRemembers: !has("ownNews"), ending: next };
      yield { name: "asker: commit, apply the news", next: tell(committed, "ended") };
    }
    if (ending === "committed") yield has("waits") ? { name: "asker: draw", next: draw("waiting") } : answer;
    if (ending === "waiting" && !waitsFor) yield answer;
    if (ending === "waiting" && waitsFor) yield* waitingSteps(state, waitsFor);
    if (ending === "failed" && !state.askerDied)
      yield {
        name: "asker: be asked again, find nothing to end",
        next: { ...state, ending: has("repeatWaits") ? "committed" : "answered" },
      };
    if (ending === "failed" && !state.stopped)
      yield {
        name: "instance: be asked again, find nothing to end, answer",
        next: { ...(has("repeatForgets") ? hearNews(state) : state), ending: "answered" },
      };
  }

  function* waitingSteps(state: State, waitsFor: Seen): Steps {
    const { row, fence } = state;
    const struck: State = { ...state, waitsFor: null };
    if (state.acknowledged >= fence) yield { name: "asker: hear the acknowledgement", next: struck };
    if (!row) yield { name: "asker: see that the row is gone", next: struck };
    else if (row.heard >= fence) yield { name: "asker: see in the row that it heard", next: struck };
    else if (!waitsFor.same) yield { name: "asker: see a new beat", next: { ...state, waitsFor: seen(row) } };
    else if (waitsFor.age === LEASE || !has("wholeLease"))
      yield { name: "asker: take the instance off the list", next: { ...struck, row: null } };
  }

  /** Any other asker, who does as `waitingSteps` does. */
  function* otherSteps(state: State): Steps {
    if (state.row?.age === LEASE)
      yield { name: "somebody else: take the instance off the list", next: { ...state, row: null } };
  }

  /** One tick of every clock. */
  function tick(state: State): State {
    const sentAge = state.sentAge === null ? null : Math.min(state.sentAge + 1, LEASE);
    return {
      ...state,
      lease: Math.max(0, state.lease - 1),
      sentAge,
      row: older(state.row),
      waitsFor: state.waitsFor?.same ? older(state.waitsFor) : state.waitsFor,
    };
  }

  /** What goes wrong. */
  function* faults(state: State): Steps {
    const { connection, sent } = state;
    for (const late of sent ? [null, sent] : [null]) {
      const rest = late ? `; ${late} may still land` : "";
      if (connection !== "none")
        yield { name: `FAULT: the connection breaks${rest}`, next: lose(state, late) };
      if (connection === "up")
        yield {
          name: `FAULT: the connection is cut silently${rest}`,
          next: { ...state, connection: "cut", sent: null, answer: null, down: [], late: late ?? state.late },
        };
      if (!state.stopped)
        yield {
          name: `FAULT: the instance is told to stop${rest}`,
          next: { ...lose(state, late), stopped: true },
        };
    }
    if (isAwaited(state) && state.drawn < 2) {
      const failed: State = { ...state, ending: "failed", waitsFor: null };
      yield { name: "FAULT: the asker dies", next: { ...failed, askerDied: true } };
      yield { name: "FAULT: the asker fails to wait", next: failed };
    }
  }

  /** Every step that is possible in a state. */
  function* steps(state: State): Steps {
    const all = [feedSteps(state), askerSteps(state), otherSteps(state), faults(state)];
    for (const some of all) for (const { name, next } of some) yield { name, next: remembering(next) };
    yield { name: "a tick", next: tick(state) };
  }

  /** The next step when nothing more goes wrong and everybody does at once what there is to do; null: time may pass. */
  function nextWhenWell(state: State): State | null {
    for (const steps of [feedSteps(state), askerSteps(state)]) {
      for (const { next } of steps) return remembering(next);
    }
    return null;
  }

  return { steps, tick, nextWhenWell };
}

const beatName = (it: Seen | null) => (it ? `${it.same ? "=" : "≠"}${it.first ? 1 : ""}${it.age}` : "-");

/** Names a state: equal ones have equal names. */
export function nameOf(state: State): string {
  const { row, down } = state;
  const flags =
    (state.live ? 1 : 0) +
    (state.remembers ? 2 : 0) +
    (state.reads ? 4 : 0) +
    (state.stopped ? 8 : 0) +
    (state.askerRemembers ? 16 : 0) +
    (state.askerDied ? 32 : 0) +
    (state.drawn + 3 * (state.heard + 3 * (state.fence + 3 * state.acknowledged))) * 64;
  return (
    `${flags},${state.lease}${state.sentAge ?? "-"}${row ? `${row.age}${row.first ? 1 : 0}${row.heard}` : "-"}` +
    `${beatName(state.waitsFor)}${beatName(state.leaving)}${state.connection}${state.sent}${state.answer}` +
    `${state.late}${state.ending}${down[0]}${down[1]}${down[2]}`
  );
}
