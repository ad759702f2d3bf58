import "server-only";
import type pg from "pg";
import { nextTurn } from "@/lib/batch";
import { writeAcknowledged } from "./instances";
import { channelOf, open, sign } from "./messages";

// The other half of the barrier: an instance that receives one has applied every earlier notification, and says so. An
// acknowledgement never becomes false, even if it arrives twice or out of order.

/** Coordinators whose barriers the row holds at once. One that is pushed out sends its barrier again. */
const MOST_IN_ROW = 100;

/** Handles the barriers of one connection of the listener, in the order of its notifications. */
export type Acknowledger = { hear(payload: string): void };

/** Acknowledges barriers for the instance `id`, over the connection that brings them, from `database`. */
export function createAcknowledger(client: pg.Client, id: string, database: string): Acknowledger {
  /** Coordinator → its highest barrier that is still to be acknowledged. */
  const owed = new Map<string, number>();
  const owedInRow = new Map<string, number>();
  const inRow = new Map<string, number>();
  let isBusy = false;

  async function acknowledgeAll(): Promise<void> {
    // One statement for all coordinators of a turn of the event loop, and one statement at a time: renewals get in between.
    while (owed.size > 0 || owedInRow.size > 0) {
      await nextTurn();
      const barriers = [...owed];
      owed.clear();
      if (barriers.length > 0) {
        await client.query({
          name: "acknowledge",
          text: `SELECT set_config('synchronous_commit', 'off', true), pg_notify(channel, message)
                 FROM unnest($1::text[], $2::text[]) AS owed(channel, message)`,
          values: [
            barriers.map(([coordinator]) => channelOf(coordinator)),
            barriers.map(([coordinator, barrier]) =>
              sign("acknowledgement", database, [id, coordinator, String(barrier)]),
            ),
          ],
        });
      }
      if (owedInRow.size === 0) continue;
      for (const [coordinator, barrier] of owedInRow) {
        inRow.delete(coordinator);
        inRow.set(coordinator, barrier);
      }
      owedInRow.clear();
      for (const coordinator of [...inRow.keys()].slice(0, -MOST_IN_ROW)) inRow.delete(coordinator);
      await writeAcknowledged(client, id, inRow);
    }
  }

  return {
    hear(payload) {
      const [coordinator, number, answerBy] = open("barrier", database, payload) ?? [];
      if (!coordinator || coordinator === id) return;
      const debts = answerBy === "row" ? owedInRow : owed;
      debts.set(coordinator, Math.max(Number(number), debts.get(coordinator) ?? 0));
      if (isBusy) return;
      isBusy = true;
      acknowledgeAll()
        // The connection is going; the coordinators will see the lease run out instead.
        .catch(() => {})
        .finally(() => {
          isBusy = false;
        });
    },
  };
}
