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
  lapseForgets: "a lease taken after a lapse begins with an empty memory",
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

/** What the instance sends: a renewal or an acknowledgement with the fence it heard, or a registration. */
type Statement = `renew ${Fence}` | "register" | `heard ${Fence}`;
/** What it receives, in order: news of the ending, fences, answers. That to a registration tells the fences drawn. */
type Message = "ended" | `fence ${Fence}` | "renewed" | "no row" | `registered ${Fence}`;

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
  up: readonly Statement[];
  down: readonly Message[];
  /** Ticks since it sent the statement whose answer it awaits. */
  sentAge: number | null;
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
  ending: "not begun" | "drawn early" | "committed" | "published" | "waiting" | "failed" | "answered";
  fence: Fence;
  /** The beat of the instance, while the asker waits for it. */
  waitsFor: Seen | null;
  acknowledged: Fence;
  /** It remembers the session, or has a read under way which would be remembered. */
  askerRemembers: boolean;
  askerDied: boolean;

  /** The beat as another asker saw it, and whether that one has decided to delete the row. */
  other: (Seen & { decided: boolean }) | null;
};

export const START: State = {
  live: true,
  drawn: 0,
  row: null,
  connection: "none",
  up: [],
  down: [],
  sentAge: null,
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
  other: null,
};

/** A step with what it does, in words; the state after it is complete in itself. */
export type Step = { name: string; next: State };
type Steps = Generator<Step>;

/** Whether a check that begins now would accept the session although its ending was answered. */
export function isViolated(state: State): boolean {
  const instanceAccepts = state.lease > 0 && (state.remembers || state.reads);
  return state.ending === "answered" && (instanceAccepts || (state.askerRemembers && !state.askerDied));
}

/** Whether somebody waits for the answer to an ending. */
export function isAwaited({ ending }: State): boolean {
  return ending === "committed" || ending === "published" || ending === "waiting";
}

const highest = (...fences: Fence[]) => Math.max(...fences) as Fence;
const fenceOf = (text: string) => Number(text.at(-1)) as Fence;
const older = <T extends { age: number }>(it: T | null) => it && { ...it, age: Math.min(it.age + 1, LEASE) };
const seen = ({ first }: { first: boolean }): Seen => ({ same: true, age: 0, first });
const changed = <T extends Seen>(it: T | null) => it && { ...it, same: false, age: 0 };

/** The steps of the protocol with all rules but those in `without`. */
export function protocol(without: ReadonlySet<Rule> = new Set()) {
  const has = (rule: Rule) => !without.has(rule);
  // With both rules, other askers can do no more than `somebody else` below.
  const hasOther = !has("byBeat") || !has("freshBeats");

  /** The instance reads and remembers whatever it may. */
  function remembering(state: State): State {
    const mayRead = state.lease > 0 || !has("epochs");
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
    const lost: State = {
      ...state,
      connection: "none",
      up: [],
      down: [],
      sentAge: null,
      late,
      leaving: state.row && state.sentAge === null ? seen(state.row) : null,
    };
    return has("lossForgets") && has("giveUpFirst") ? newEpoch(lost) : lost;
  }

  /** A statement of the instance reaches the database. */
  function land(state: State, statement: Statement): { state: State; answer: Message | null } {
    if (statement === "register") return register(state);
    const fence = fenceOf(statement);
    if (statement.startsWith("heard"))
      return { state: { ...state, acknowledged: highest(state.acknowledged, fence) }, answer: null };
    if (!state.row) return { state, answer: "no row" };
    const row = { age: 0, first: false, heard: highest(state.row.heard, fence) };
    return { state: withBeat({ ...state, row }, changed), answer: "renewed" };
  }

  function register(state: State): { state: State; answer: Message } {
    const isNew = state.row === null;
    const heard = has("heardWhenAnswered") ? (state.row?.heard ?? 0) : state.drawn;
    const row = { age: 0, first: isNew && !has("freshBeats"), heard };
    const again = <T extends Seen>(it: T | null) => it && { ...it, same: it.first && row.first };
    return {
      state: withBeat({ ...state, row }, has("freshBeats") ? changed : again),
      answer: `registered ${has("registrationHears") ? state.drawn : 0}`,
    };
  }

  const withBeat = (state: State, see: <T extends Seen>(it: T | null) => T | null): State => ({
    ...state,
    waitsFor: see(state.waitsFor),
    leaving: see(state.leaving),
    other: see(state.other),
  });

  function deliver(state: State): State {
    const [message = "no row", ...down] = state.down;
    const rest = { ...state, down };
    if (message === "ended") return hearNews(rest);
    if (message === "renewed") return takeLease(rest);
    if (message === "no row") return { ...newEpoch(rest), up: [...rest.up, "register"], sentAge: 0 };
    const heard = highest(rest.heard, fenceOf(message));
    if (message.startsWith("fence")) return { ...rest, heard, up: [...rest.up, `heard ${heard}`] };
    const connection = rest.connection === "deaf" ? "up" : rest.connection;
    return takeLease({ ...rest, heard, connection, lease: has("lossForgets") ? 0 : rest.lease });
  }

  const tell = (state: State, message: Message): State =>
    state.connection === "up" ? { ...state, down: [...state.down, message] } : state;

  function* feedSteps(state: State): Steps {
    const { connection, up, down, sentAge } = state;
    if (connection === "none" && !state.stopped) {
      const fresh: State = { ...state, up: ["register"], down: [], sentAge: 0 };
      yield {
        name: "instance: connect, listen, register",
        next: { ...fresh, connection: has("listenFirst") ? "up" : "deaf" },
      };
    }
    const knowsConnected = connection === "up" || connection === "cut";
    if (knowsConnected && sentAge === null && state.lease < LEASE)
      yield {
        name: "instance: send a renewal",
        next: { ...state, up: [...up, `renew ${state.heard}`], sentAge: 0 },
      };
    const passes = connection === "up" || connection === "deaf" || (connection === "cut" && !has("oneConnection"));
    const [statement] = up;
    if (passes && statement) {
      const { state: landed, answer } = land({ ...state, up: up.slice(1) }, statement);
      const next = answer ? { ...landed, down: [...landed.down, answer] } : landed;
      yield { name: `database: ${statement}`, next };
    }
    if (passes && down.length > 0) yield { name: `instance: receive "${down[0]}"`, next: deliver(state) };
    if (connection === "cut" && !passes && sentAge === LEASE)
      yield { name: "instance: notice the loss of the connection", next: lose(state, state.late) };
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

    if (ending === "not begun" && !has("drawnAfter")) yield { name: "asker: draw", next: draw("drawn early") };
    if (ending === "drawn early" || (ending === "not begun" && has("drawnAfter")))
      yield { name: "asker: commit", next: tell({ ...state, live: false, ending: "committed" }, "ended") };
    if (ending === "committed")
      yield {
        name: "asker: apply the news",
        next: {
          ...state,
          askerRemembers: !has("ownNews"),
          ending: has("drawnAfter") ? "published" : "waiting",
        },
      };
    if (ending === "published") yield has("waits") ? { name: "asker: draw", next: draw("waiting") } : answer;
    if (ending === "waiting" && !waitsFor) yield answer;
    if (ending === "waiting" && waitsFor) yield* waitingSteps(state, waitsFor);
    if (ending === "failed" && !state.askerDied)
      yield {
        name: "asker: be asked again, find nothing to end",
        next: { ...state, ending: has("repeatWaits") ? "published" : "answered" },
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

  function* otherSteps(state: State): Steps {
    const { row, other } = state;
    if (row?.age === LEASE)
      yield { name: "somebody else: take the instance off the list", next: { ...state, row: null } };
    if (!hasOther) return;
    const gone: State = { ...state, row: null, other: null };
    if (other?.decided) yield { name: "other: delete the row, whatever its beat", next: gone };
    else if (!row && other) yield { name: "other: see that the row is gone", next: { ...state, other: null } };
    else if (row && !other?.same)
      yield { name: "other: see the beat", next: { ...state, other: { ...seen(row), decided: false } } };
    else if (row && other?.age === LEASE)
      yield has("byBeat")
        ? { name: "other: take the instance off the list", next: gone }
        : { name: "other: decide to delete the row", next: { ...state, other: { ...other, decided: true } } };
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
      other: state.other?.same ? older(state.other) : state.other,
    };
  }

  /** What goes wrong. */
  function* faults(state: State): Steps {
    const { connection, up, ending } = state;
    for (const late of up[0] && connection !== "cut" ? [null, up[0]] : [null]) {
      const rest = late ? `; ${late} may still land` : "";
      if (connection === "up" || connection === "deaf")
        yield { name: `the connection breaks${rest}`, next: lose(state, late) };
      if (connection === "up")
        yield {
          name: `the connection is cut silently${rest}`,
          next: { ...state, connection: "cut", up: [], down: [], late },
        };
      if (!state.stopped)
        yield { name: `the instance is told to stop${rest}`, next: { ...lose(state, late), stopped: true } };
    }
    if (isAwaited(state) && state.drawn < 2) {
      const failed: State = { ...state, ending: "failed", waitsFor: null };
      yield { name: "the asker dies", next: { ...failed, askerDied: true } };
      if (ending !== "committed") yield { name: "the asker fails to wait", next: failed };
    }
  }

  function* ordinary(state: State): Steps {
    yield* feedSteps(state);
    yield* askerSteps(state);
    yield* otherSteps(state);
    yield { name: "a tick", next: tick(state) };
  }

  /** Every step that is possible in a state. */
  function* steps(state: State): Steps {
    for (const { name, next } of ordinary(state)) yield { name, next: remembering(next) };
    for (const { name, next } of faults(state)) yield { name: `FAULT: ${name}`, next: remembering(next) };
  }

  return { steps, tick, ordinary };
}
