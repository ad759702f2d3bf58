import "server-only";
import type { Actor } from "@/lib/audit";
import { backgroundPrisma } from "@/lib/db";
import { log } from "@/lib/log";
import { Prisma } from "@/prisma/client/client";
import { AT_ONCE, lockUser, surplusSessions } from "./queries";
import { expireSessions, revoking } from "./revoke";

// Background work on sessions, committed step by step. Nobody waits for it, and it must not make anybody wait.

/** Rows that one statement of the purge reads at most. */
const PURGED_AT_ONCE = 1_000;

/** After this many failures in a row, the rest waits for the next sweep. */
const FAILURES = 3;

/**
 * Ends every session whose time is over, in steps of `atOnce` rows; returns how many. It needs no barrier: every instance
 * refuses such a session by its own clock.
 */
export async function expireOverdueSessions(now: Date, atOnce = AT_ONCE): Promise<number> {
  return inRanges("sessions", atOnce, (range) => expireSessions(backgroundPrisma(), range, now));
}

/** Deletes sessions and events that ended or happened before `before`, in steps of `atOnce` rows; returns how many. */
export async function purge(before: Date, atOnce = PURGED_AT_ONCE): Promise<number> {
  const remove = (table: Table, isOld: Prisma.Sql) =>
    inRanges(table, atOnce, async (range) => {
      const name = Prisma.raw(table);
      return backgroundPrisma().$executeRaw`
        DELETE FROM ${name} WHERE id IN (
          SELECT s.id FROM ${name} s WHERE ${range} AND ${isOld} ORDER BY s.id FOR UPDATE SKIP LOCKED)`;
    });
  const [sessions, events] = await Promise.all([
    remove("sessions", Prisma.sql`s.ended_at < ${before}`),
    remove("security_events", Prisma.sql`s.created_at < ${before}`),
  ]);
  return sessions + events;
}

/**
 * Ends the remaining sessions above the cap, after a sign-in has ended the first `AT_ONCE`. If that fails, the next sign-in
 * goes on with it. Never throws.
 */
export async function endRemainingSurplus(
  which: { userId: string; keptId: string; now: Date },
  actor: Actor,
): Promise<void> {
  try {
    for (let count = AT_ONCE; count === AT_ONCE; ) {
      const { now } = which;
      const revoked = await revoking(async (db, revoke) => {
        const user = await lockUser(db, which.userId);
        return user ? revoke(surplusSessions(which), { reason: "replaced", now }, actor) : [];
      }, backgroundPrisma());
      count = revoked.length;
    }
  } catch (error) {
    log.error("surplus_not_ended", { session: which.keptId, error });
  }
}

type Table = "sessions" | "security_events";

const FIRST = "00000000-0000-0000-0000-000000000000";
const LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Walks a table by its primary key and sums what `each` returns. `each` is given a condition on the alias `s` that selects
 * `atOnce` rows. A range that fails is logged and left to the next sweep; several in a row end the walk.
 */
async function inRanges(
  table: Table,
  atOnce: number,
  each: (range: Prisma.Sql) => Promise<number>,
): Promise<number> {
  let sum = 0;
  let failures = 0;
  for (let after: string | undefined = FIRST; after; ) {
    const last: string | undefined = await lastOfRange(table, after, atOnce);
    try {
      sum += await each(Prisma.sql`s.id > ${after}::uuid AND s.id <= ${last ?? LAST}::uuid`);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === FAILURES) throw error;
      log.error("range_not_swept", { table, after, last, error });
    }
    after = last;
  }
  return sum;
}

/** The last id of the next `atOnce` rows; undefined when there are fewer. */
async function lastOfRange(table: Table, after: string, atOnce: number): Promise<string | undefined> {
  const [row] = await backgroundPrisma().$queryRaw<{ id: string }[]>`
    SELECT id::text FROM ${Prisma.raw(table)} WHERE id > ${after}::uuid ORDER BY id OFFSET ${atOnce - 1} LIMIT 1`;
  return row?.id;
}
