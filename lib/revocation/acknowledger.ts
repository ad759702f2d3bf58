import "server-only";
import type pg from "pg";
import { writeAcknowledged } from "./instances";
import { channelOf, open, sign } from "./messages";

// The hearing half of a fence: an instance that hears one has applied all news from before it, and says so. What it says
// stays true for ever, in whatever order and however often it arrives.

/** Askers whose fences stand in the row at once. One that is pushed out tells its fence again. */
const MOST_IN_ROW = 100;

/** Takes fences that are heard over one connection of the feed, in the order of the news. */
export type Acknowledger = { hear(payload: string): void };

/** Acknowledges fences for the instance `id`, over the connection that brings them, from `database`. */
export function createAcknowledger(client: pg.Client, id: string, database: string): Acknowledger {
  /** Asker → its highest fence that is still to be acknowledged. */
  const owed = new Map<string, number>();
  const owedInRow = new Map<string, number>();
  const inRow = new Map<string, number>();
  let isBusy = false;

  async function acknowledgeAll(): Promise<void> {
    // One statement for all askers of a turn of the event loop, and one statement at a time: renewals get in between.
    while (owed.size > 0 || owedInRow.size > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const fences = [...owed];
      owed.clear();
      if (fences.length > 0) {
        await client.query({
          name: "acknowledge",
          text: `SELECT set_config('synchronous_commit', 'off', true), pg_notify(channel, message)
                 FROM unnest($1::text[], $2::text[]) AS owed(channel, message)`,
          values: [
            fences.map(([asker]) => channelOf(asker)),
            fences.map(([asker, fence]) => sign("acknowledgement", database, [id, asker, String(fence)])),
          ],
        });
      }
      if (owedInRow.size === 0) continue;
      for (const [asker, fence] of owedInRow) {
        inRow.delete(asker);
        inRow.set(asker, fence);
      }
      owedInRow.clear();
      for (const asker of [...inRow.keys()].slice(0, -MOST_IN_ROW)) inRow.delete(asker);
      await writeAcknowledged(client, id, inRow);
    }
  }

  return {
    hear(payload) {
      const [asker, number, answerBy] = open("fence", database, payload) ?? [];
      if (!asker || asker === id) return;
      const debts = answerBy === "row" ? owedInRow : owed;
      debts.set(asker, Math.max(Number(number), debts.get(asker) ?? 0));
      if (isBusy) return;
      isBusy = true;
      acknowledgeAll()
        // The connection is going; the askers will see the lease run out instead.
        .catch(() => {})
        .finally(() => {
          isBusy = false;
        });
    },
  };
}
