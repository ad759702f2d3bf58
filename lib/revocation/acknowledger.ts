import "server-only";
import type pg from "pg";
import { nextTurn } from "@/lib/batch";
import { writeAcknowledged } from "./instances";
import { channelOf, open, sign } from "./messages";

// The hearing half of the barrier: an instance that hears one has applied all notifications from before it, and says so.
// What it says stays true for ever, in whatever order and however often it arrives.

/** Coordinators whose barriers stand in the row at once. One that is pushed out tells its barrier again. */
const MOST_IN_ROW = 100;

/** Takes barriers that are heard over one connection of the listener, in the order of the notifications. */
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
