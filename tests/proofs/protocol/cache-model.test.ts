import fc from "fast-check";
import { expect, test } from "vitest";
import { createCache } from "@/lib/revocation/cache";
import { dropLease, leaseIsValid, takeLease } from "@/lib/revocation/lease";
import type { SessionWithUser } from "@/lib/session/session";
import { knownSession } from "../../support/people/known";

// The invariant of docs/revocation.md under any order of events: once an ending is answered, which is after its notification
// was applied here or the lease was lost, the cache never gives that session again.

const SESSIONS = ["a", "b", "c"];
const USER = "u";

const cache = createCache<SessionWithUser>({
  max: 100,
  averageSize: 1,
  sizeOf: () => 1,
  ownerOf: ({ user }) => user.id,
  isCacheable: ({ session }) => !session.endedAt,
});

type Reading = { sid: string; snapshot: SessionWithUser | null; settle: () => void; done: Promise<unknown> };

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("read" as const), sid: fc.constantFrom(...SESSIONS) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("answer" as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("commit" as const), sid: fc.constantFrom(...SESSIONS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("news" as const), sid: fc.constantFrom(...SESSIONS) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("disable" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lapse" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("renew" as const) }) },
);

test("no order of reads, endings, news and lapses brings an ended session back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      dropLease();
      takeLease(performance.now(), Date.now(), 60_000);
      const committed = new Set<string>();
      const answered = new Set<string>();
      const readings: Reading[] = [];
      // Who revokes waits for our notification or for our lease to be lost.
      const lost = () => {
        for (const sid of committed) answered.add(sid);
      };

      for (const each of steps) {
        if (each.kind === "read") {
          const { sid } = each;
          const done = cache.read(sid, () => {
            // The database answers with what was committed when it looked, perhaps much later.
            const snapshot = committed.has(sid)
              ? knownSession(sid, { userId: USER, endedAt: new Date() })
              : knownSession(sid, { userId: USER });
            return new Promise((resolve) => {
              readings.push({ sid, snapshot, settle: () => resolve(snapshot), done: Promise.resolve() });
            });
          });
          const last = readings.at(-1);
          if (last?.sid === sid) last.done = done;
        }
        if (each.kind === "answer" && readings.length > 0) {
          const [reading] = readings.splice(each.which % readings.length, 1);
          reading?.settle();
          await reading?.done;
        }
        if (each.kind === "commit") committed.add(each.sid);
        if (each.kind === "news" && committed.has(each.sid)) {
          cache.invalidate(each.sid);
          answered.add(each.sid);
        }
        if (each.kind === "disable") {
          for (const sid of SESSIONS) committed.add(sid);
          cache.invalidateOwner(USER);
          lost();
        }
        if (each.kind === "lapse") {
          takeLease(performance.now() - 100, Date.now() - 100, 50);
          lost();
        }
        if (each.kind === "renew") {
          if (!leaseIsValid()) lost();
          takeLease(performance.now(), Date.now(), 60_000);
        }
        for (const sid of answered) expect(cache.get(sid), `${sid} after ${each.kind}`).toBeNull();
      }
    }),
    { numRuns: 1_000 },
  );
});
