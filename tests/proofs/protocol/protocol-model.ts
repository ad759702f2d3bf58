// The protocol of docs/revocation.md in plain steps: a database with one session; an instance that has it in memory
// whenever it may (called the instance); another one that is asked to end it (the asker); and others that end something
// else and may take the instance off the list meanwhile. Whatever a machine, a network, a wrong setting or a role that may
// do no more than connect may do is a step: messages arrive late or never, statements of a lost connection still land,
// processes stop for any time (no step of theirs is taken), fail, or die; the feed leads to another database, or stays
// with the old server after a fail-over; messages are repeated and forged. Time goes in ticks. `protocol-search.ts` walks through
// every state that can be reached.
//
// To remember more is never safer, so while the session lives, the instance remembers it and has a read of it under way
// at every moment at which it may.

/** The rules of the protocol. Each is needed: without it, the search finds a violation. */
export const RULES = {
  waits: "an ending is answered only once each other instance acknowledged its fence, or its lease is over",
  numberedAfter: "the fence is numbered, and the list read, after the commit",
  ownNews: "the asker applies its own news before it answers",
  stale: "a read that was under way when news of its session came is not remembered",
  fromTheSending: "a lease is counted from before its renewal was sent",
  epochs: "a read that began without the lease, or before it lapsed, is not remembered",
  lossForgets: "a lost connection ends the lease and empties the memory",
  giveUpFirst: "an instance gives up its lease before it leaves the list",
  wholeLease: "an instance is taken off the list only when its beat stood still for a whole lease",
  byBeat: "a row is deleted only while its beat is the one that was seen",
  freshBeats: "no beat comes twice",
  repeatWaits: "an ending that finds its work done waits all the same",
  repeatForgets: "an ending that finds its work done forgets the session where it was asked",
  proves: "a lease is taken only when a number told through the pool was heard on the feed",
  thisProof: "only the number of this proof counts",
  bothWays: "the pool tells that number only if it sees the beat that the feed has just written",
  signed: "what no instance has signed is ignored",
  // Without this nobody is let in, but some ending is never answered.
  toldAgain: "a fence is told again until it is acknowledged",
} as const;

export type Rule = keyof typeof RULES;

/** Ticks that a renewal is worth. */
export const LEASE = 2;

/** Fences numbered, told or acknowledged so far: the asker asks at most twice. */
type Fence = 0 | 1 | 2;

/** What the instance sends over its feed. */
type Statement = "renew" | "register";
/** What it is told, in the order of the commits: the ending, fences, and proofs, this one or an old one. */
type Message = "ended" | `fence ${Fence}` | "proof" | "old proof";
/** What it is answered, which nothing here expects to keep its place among the messages. */
type Answer = "done" | "no row";
/** A proof: on its way through the pool, to this database or, sent before a fail-over, to the old server; or told. */
type Proof = "sent" | "sent there" | "told";

/**
 * A beat as somebody saw it: whether the row still has it, and for how many ticks. `first`: it was the first one of its
 * row; followed only where beats may come twice.
 */
type Seen = { same: boolean; age: number; first: boolean };

export type State = {
  // The database.
  live: boolean;
  told: Fence;
  row: { age: number; first: boolean } | null;

  // The instance. `cut`: its connection is dead and it has not noticed; `mute`: a pooler
  // passes its statements on and loses LISTEN; `astray`: it leads to another server, which answers as if all were well.
  connection: "none" | "up" | "cut" | "mute" | "astray";
  /** Where its next connection leads. */
  settings: "right" | "pooler" | "elsewhere";
  /** Whether this connection has heard a proof. */
  proven: boolean;
  /** Whether it has written its row; whether the row here has the beat that it wrote last. */
  listed: boolean;
  beatIsSeen: boolean;
  proof: Proof | null;
  sent: Statement | null;
  /** Ticks since it began what it awaits: a first proof, or a statement and its proof. */
  sentAge: number | null;
  answer: Answer | null;
  down: readonly Message[];
  /** What was left over of a lost connection last and may still arrive: a statement, or a proof, here or there. */
  late: Statement | "proof here" | "proof there" | null;
  /** Its deletion of its own row, under way. */
  leaving: Seen | null;
  lease: number;
  remembers: boolean;
  /** It has a read under way, which found the session live and would be remembered. */
  reads: boolean;
  stopped: boolean;

  // The asker. Its own lease never lapses: that only makes it remember more.
  ending: "not begun" | "numbered early" | "committed" | "waiting" | "failed" | "answered";
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
  told: 0,
  row: null,
  connection: "none",
  settings: "right",
  proven: false,
  listed: false,
  beatIsSeen: false,
  proof: null,
  sent: null,
  sentAge: null,
  answer: null,
  down: [],
  late: null,
  leaving: null,
  lease: 0,
  remembers: false,
  reads: false,
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

  /** The instance reads, and remembers what it may. */
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
    const left = Math.max(0, LEASE - (state.sentAge ?? LEASE));
    const fresh = state.lease === 0 ? newEpoch(state) : state;
    return { ...fresh, lease: has("fromTheSending") ? left : LEASE, sentAge: null };
  };

  const hearNews = (state: State): State => ({
    ...state,
    remembers: false,
    reads: state.reads && !has("stale"),
  });

  /** The instance loses its connection, or gives it up; `late` may still reach the database. */
  function lose(state: State, late: Statement | null): State {
    const knowsBeat = state.sentAge === null || state.sent !== null || state.answer === null;
    // What only a connection to this database could hear, once all of them lead elsewhere, is heard by nobody.
    const here = state.settings === "elsewhere" ? null : "proof here";
    const proofs = { sent: here, "sent there": "proof there", told: null } as const;
    const lost: State = {
      ...state,
      connection: "none",
      proven: false,
      listed: false,
      beatIsSeen: false,
      proof: null,
      sent: null,
      sentAge: null,
      answer: null,
      down: [],
      late: late ?? (state.proof && proofs[state.proof]) ?? state.late,
      leaving: state.row && { ...seen(state.row), same: knowsBeat && state.beatIsSeen },
    };
    return has("lossForgets") && has("giveUpFirst") ? newEpoch(lost) : lost;
  }

  /** A statement of the instance reaches the database. */
  function land(state: State, statement: Statement): { state: State; answer: Answer } {
    if (statement === "renew" && !state.row) return { state, answer: "no row" };
    const isNew = state.row === null;
    const row = { age: 0, first: isNew && !has("freshBeats") };
    const again = (it: Seen | null) => it && { ...it, same: it.first && row.first };
    const see = statement === "register" && !has("freshBeats") ? again : changed;
    return {
      state: { ...state, row, beatIsSeen: false, waitsFor: see(state.waitsFor), leaving: see(state.leaving) },
      answer: "done",
    };
  }

  function beAnswered(state: State, answer: Answer): State {
    if (answer === "no row") return lose(state, null);
    const listed: State = { ...state, answer: null, listed: true };
    return has("proves") ? { ...listed, proof: "sent" } : takeLease(listed);
  }

  /** A number that the instance takes for the one of its proof is heard. */
  function beProven(state: State): State {
    const done: State = { ...state, proof: null };
    return state.listed ? takeLease(done) : { ...done, proven: true, sentAge: null };
  }

  function hear(state: State): State {
    const [message = "ended", ...down] = state.down;
    const rest: State = { ...state, down };
    if (message === "ended") return hearNews(rest);
    if (message === "proof" || message === "old proof") {
      const counts = message === "proof" ? state.proof === "told" : !has("thisProof") && state.proof !== null;
      return counts ? beProven(rest) : rest;
    }
    // The acknowledgement may take its time: so may the asker, until it looks. What stands in the row is the same.
    return state.connection === "astray"
      ? rest
      : { ...rest, acknowledged: highest(state.acknowledged, fenceOf(message)) };
  }

  const tell = (state: State, message: Message): State =>
    state.connection === "up" ? { ...state, down: [...state.down, message] } : state;

  /** The proof reaches the database of the pool. */
  function tellProof(state: State): State {
    if (state.proof === "sent there") {
      const down = state.connection === "astray" ? [...state.down, "proof" as const] : state.down;
      return { ...state, proof: "told", down };
    }
    if (has("bothWays") && state.listed && !(state.row && state.beatIsSeen)) return lose(state, null);
    return tell({ ...state, proof: "told" }, "proof");
  }

  function* feedSteps(state: State): Steps {
    const { connection, sent, sentAge, down } = state;
    if (connection === "none" && !state.stopped) {
      const leads = { right: "up", pooler: "mute", elsewhere: "astray" } as const;
      const begun: State = { ...state, connection: leads[state.settings], sentAge: 0 };
      yield has("proves")
        ? { name: "instance: connect, listen, send a proof", next: { ...begun, proof: "sent" } }
        : { name: "instance: connect, listen, register", next: { ...begun, proven: true, sent: "register" } };
    }
    if (state.proof === "sent" || state.proof === "sent there")
      yield { name: `database: the proof, ${state.proof}`, next: tellProof(state) };
    if (state.proven && sentAge === null && state.lease < LEASE) {
      const statement = state.listed ? "renew" : "register";
      yield { name: `instance: send "${statement}"`, next: { ...state, sent: statement, sentAge: 0 } };
    }
    const passes = connection !== "none" && connection !== "cut";
    if (passes && sent && connection === "astray") {
      const there: State = { ...state, sent: null, beatIsSeen: false };
      yield { name: `another server: ${sent}`, next: beAnswered(there, "done") };
    } else if (passes && sent) {
      const { state: landed, answer } = land({ ...state, sent: null }, sent);
      yield { name: `database: ${sent}`, next: { ...landed, answer, beatIsSeen: answer === "done" } };
    }
    if (passes && state.answer)
      yield { name: `instance: be answered "${state.answer}"`, next: beAnswered(state, state.answer) };
    if ((connection === "up" || connection === "astray") && down.length > 0)
      yield { name: `instance: hear "${down[0]}"`, next: hear(state) };
    if (connection !== "none" && sentAge === LEASE)
      yield { name: "instance: give the connection up", next: lose(state, null) };
    yield* leftoverSteps(state);
  }

  /** What is left over from a connection that the instance has lost, and its reads. */
  function* leftoverSteps(state: State): Steps {
    if (state.leaving) {
      const row = state.leaving.same || !has("byBeat") ? null : state.row;
      yield { name: "database: the instance leaves the list", next: { ...state, row, leaving: null } };
    }
    if (state.late === "renew" || state.late === "register") {
      const { state: landed } = land({ ...state, late: null }, state.late);
      yield { name: `database: ${state.late}, from a lost connection`, next: landed };
    } else if (state.late) {
      const reaches = state.connection === (state.late === "proof here" ? "up" : "astray");
      const down: readonly Message[] = reaches ? [...state.down, "old proof"] : state.down;
      yield { name: `${state.late}, from a lost connection`, next: { ...state, late: null, down } };
    }
    if (state.reads && (state.lease > 0 || !has("epochs")))
      yield { name: "instance: end the read", next: { ...state, reads: false, remembers: true } };
  }

  function* askerSteps(state: State): Steps {
    const { ending, row, waitsFor } = state;
    const fence = (state.told + 1) as Fence;
    const ask = (next: State["ending"]): State =>
      tell({ ...state, told: fence, fence, waitsFor: row && seen(row), ending: next }, `fence ${fence}`);
    const answer: Step = { name: "asker: answer", next: { ...state, ending: "answered" } };

    if (ending === "not begun" && !has("numberedAfter"))
      yield { name: "asker: tell a fence", next: ask("numbered early") };
    if (ending === "numbered early" || (ending === "not begun" && has("numberedAfter"))) {
      const next = ending === "numbered early" ? "waiting" : "committed";
      const committed: State = { ...state, live: false, askerRemembers: !has("ownNews"), ending: next };
      yield { name: "asker: commit, apply the news", next: tell(committed, "ended") };
    }
    if (ending === "committed")
      yield has("waits") ? { name: "asker: tell a fence", next: ask("waiting") } : answer;
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
    if (state.acknowledged >= fence) yield { name: "asker: hear of the acknowledgement", next: struck };
    if (!row) yield { name: "asker: see that the row is gone", next: struck };
    else if (!waitsFor.same) yield { name: "asker: see a new beat", next: { ...state, waitsFor: seen(row) } };
    else if (waitsFor.age === LEASE || !has("wholeLease"))
      yield { name: "asker: take the instance off the list", next: { ...struck, row: null } };
    const isMissed = state.connection === "up" && state.acknowledged < fence && state.down.length === 0;
    if (has("toldAgain") && isMissed)
      yield { name: "asker: tell the fence again", next: tell(state, `fence ${fence}`) };
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
    // What was sent to another server is none of this database's business.
    for (const late of sent && connection !== "astray" ? [null, sent] : [null]) {
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
    if (connection === "none" && state.settings === "right") {
      const late = state.late === "proof here" ? null : state.late;
      // Nobody waits for a feed that is elsewhere; one that goes by a pooler is no less safe than that.
      yield sessions
        ? {
            name: "FAULT: the feed is to go to another database",
            next: { ...state, settings: "elsewhere", late },
          }
        : { name: "FAULT: the feed is to go by a pooler", next: { ...state, settings: "pooler" } };
    }
    if (sessions && connection === "up") {
      const proof = state.proof === "sent" ? "sent there" : state.proof;
      // What was on its way, was on its way there.
      const late = state.late === "proof here" ? "proof there" : null;
      yield {
        name: "FAULT: fail-over; the feed stays with the old server, which goes on",
        next: { ...state, connection: "astray", settings: "elsewhere", proof, late },
      };
    }
    if (isAwaited(state) && state.told < 2) {
      const failed: State = { ...state, ending: "failed", waitsFor: null };
      yield { name: "FAULT: the asker dies", next: { ...failed, askerDied: true } };
      yield { name: "FAULT: the asker fails to wait", next: failed };
    }
    yield* forgeries(state);
  }

  /** What a role can do that may only connect, to this database and to the other one. */
  function* forgeries(state: State): Steps {
    if (state.down.length === 0 && state.connection === "up" && state.acknowledged < state.told)
      yield { name: "FORGERY: a fence is repeated", next: tell(state, `fence ${state.told}`) };
    if (state.connection === "astray" && state.proof === "told" && !state.down.includes("proof"))
      yield {
        name: "FORGERY: the proof is repeated on the other server",
        next: { ...state, down: [...state.down, "proof"] },
      };
    if (!has("signed") && state.acknowledged < 2)
      yield { name: "FORGERY: an acknowledgement is made up", next: { ...state, acknowledged: 2 } };
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
    (state.proven ? 64 : 0) +
    (state.listed ? 128 : 0) +
    (state.beatIsSeen ? 256 : 0) +
    (state.told + 3 * (state.fence + 3 * state.acknowledged)) * 512;
  return (
    `${flags},${state.lease}${state.sentAge ?? "-"}${row ? `${row.age}${row.first ? 1 : 0}` : "-"}` +
    `${beatName(state.waitsFor)}${beatName(state.leaving)}${state.connection}${state.settings}${state.proof}` +
    `${state.sent}${state.answer}${state.late}${state.ending}${down.join()}`
  );
}
