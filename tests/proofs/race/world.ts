import type { Person } from "../../support/people/people";
import type { Device } from "../support/fleet";

// Who is signed in where, as the tests know it, and what follows from that for every answer.

export type User = {
  person: Person;
  held: Set<Held>;
  /** Endings of several sessions that have begun, and that are over: a session added meanwhile may be among them. */
  bulk: { begun: number; over: number };
};

/** A session. Times are `performance.now()` here; infinite for what has not happened. */
export type Held = Device & {
  user: User;
  /** Somebody has set out to end it: from now on it may be refused. */
  attempted: boolean;
  /** When the answer to its ending arrived: no check that begins later may accept it. */
  endedAt: number;
  /** When its ending by hand was committed: nobody waits for that, so a check may accept it for a while. */
  byHandAt: number;
};

/** How long an ending by hand may take to reach everybody, beyond the lease, in milliseconds. */
const SLACK = 500;

export const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)];

export class World {
  readonly users: User[] = [];
  readonly ended: Held[] = [];
  readonly violations: string[] = [];
  /** How long the answers to endings took, in milliseconds. */
  readonly endings: number[] = [];
  readonly counts = new Map<string, number>();
  readonly #lease: number;

  constructor(lease: number) {
    this.#lease = lease;
  }

  count(what: string, by = 1): void {
    this.counts.set(what, this.counted(what) + by);
  }

  counted(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  addUser(person: Person): User {
    const user = { person, held: new Set<Held>(), bulk: { begun: 0, over: 0 } };
    this.users.push(user);
    return user;
  }

  /** Adds the session that `begin` begins. */
  async addSession(user: User, begin: () => Promise<Device | null>): Promise<void> {
    const { over } = user.bulk;
    const device = await begin();
    if (!device) return;
    const attempted = user.bulk.begun > over;
    user.held.add({
      ...device,
      user,
      attempted,
      endedAt: Number.POSITIVE_INFINITY,
      byHandAt: Number.POSITIVE_INFINITY,
    });
  }

  /** The answer to an ending has arrived. */
  noteEnded(sessions: Iterable<Held>, at: number): void {
    for (const held of sessions) {
      if (held.endedAt === Number.POSITIVE_INFINITY && held.byHandAt === Number.POSITIVE_INFINITY)
        this.ended.push(held);
      held.endedAt = Math.min(held.endedAt, at);
      held.user.held.delete(held);
    }
  }

  noteEndedByHand(sessions: Iterable<Held>, at: number): void {
    for (const held of sessions) {
      if (held.endedAt === Number.POSITIVE_INFINITY && held.byHandAt === Number.POSITIVE_INFINITY)
        this.ended.push(held);
      held.byHandAt = Math.min(held.byHandAt, at);
      held.user.held.delete(held);
    }
  }

  /** Judges a check that began at `begunAt` and was answered. */
  judge(held: Held, accepted: boolean, begunAt: number, how: string): void {
    this.count(accepted ? "accepted" : "refused");
    if (accepted && begunAt > held.endedAt)
      this.violations.push(
        `${how} accepted ${held.id}, ${(begunAt - held.endedAt).toFixed(1)} ms after the answer to its ending`,
      );
    if (accepted && begunAt > held.byHandAt + this.#lease + SLACK)
      this.violations.push(
        `${how} accepted ${held.id}, ${(begunAt - held.byHandAt).toFixed(0)} ms after it was ended by hand`,
      );
    if (!accepted && !held.attempted)
      this.violations.push(`${how} refused ${held.id}, which nobody has ended`);
  }

  somebody(): User | undefined {
    return pick(this.users);
  }

  /** A session to check: mostly one in use, else one that ended recently. */
  anySession(): Held | undefined {
    const isInUse = Math.random() < 0.8 || this.ended.length === 0;
    // The later it ended, the sooner it is asked about.
    if (!isInUse)
      return this.ended.at(-1 - Math.floor(Math.min(this.ended.length, 300) * Math.random() ** 3));
    return pick([...(this.somebody()?.held ?? [])]);
  }
}
