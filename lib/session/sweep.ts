import "server-only";
import { backgroundPrisma } from "@/lib/db";
import { Prisma } from "@/prisma/client/client";
import { endOverdue, publishEnded } from "./revoke";

// What is done to all sessions in the background, range by range of the table.

/** Rows that one statement of the sweep looks at: however many there are, each takes a moment and locks little. */
const AT_ONCE = 10_000;

/** Ends every session whose time is over, `atOnce` rows of the table after the other; gives how many. */
export async function endOverdueSessions(now: Date, atOnce = AT_ONCE): Promise<number> {
  return inRanges("sessions", atOnce, async (after, last) => {
    const ended = await endOverdue(Prisma.sql`s.id > ${after}::uuid AND s.id <= ${last}::uuid`, now);
    await publishEnded(ended);
    return ended.length;
  });
}

/** Deletes ended sessions and events from before `before`, `atOnce` after the other; gives how many rows went. */
export async function purge(before: Date, atOnce = AT_ONCE): Promise<number> {
  const remove = async (table: Table, isOld: Prisma.Sql) =>
    inRanges(table, atOnce, async (after, last) => {
      const name = Prisma.raw(table);
      return backgroundPrisma().$executeRaw`
        DELETE FROM ${name} WHERE id IN (
          SELECT id FROM ${name} WHERE id > ${after}::uuid AND id <= ${last}::uuid AND ${isOld}
          ORDER BY id FOR UPDATE SKIP LOCKED)`;
    });
  const sessions = await remove("sessions", Prisma.sql`ended_at < ${before}`);
  const events = await remove("security_events", Prisma.sql`created_at < ${before}`);
  return sessions + events;
}

type Table = "sessions" | "security_events";

/** Walks over a table by its primary key: `each` gets ranges of ids, from above `after` up to `last`. Sums its counts. */
async function inRanges(
  table: Table,
  atOnce: number,
  each: (after: string, last: string) => Promise<number>,
): Promise<number> {
  let sum = 0;
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const [row] = await backgroundPrisma().$queryRaw<{ id: string }[]>`
      SELECT id::text FROM ${Prisma.raw(table)} WHERE id > ${after}::uuid ORDER BY id OFFSET ${atOnce - 1} LIMIT 1`;
    sum += await each(after, row?.id ?? "ffffffff-ffff-ffff-ffff-ffffffffffff");
    if (!row) return sum;
    after = row.id;
  }
}
