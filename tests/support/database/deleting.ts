import type pg from "pg";
import { expect } from "vitest";
import { lockWaits } from "./statements";

/** Does `work` while a row is being deleted: the deletion is committed once a statement of `work` waits for it. */
export async function whileDeleting<T>(
  db: pg.Pool,
  table: "sessions" | "users",
  id: string,
  work: () => Promise<T>,
): Promise<T> {
  const deleter = await db.connect();
  try {
    await deleter.query("BEGIN");
    await deleter.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
    const done = work();
    done.catch(() => {});
    await expect.poll(() => lockWaits(db), { interval: 5 }).toBeGreaterThan(0);
    await deleter.query("COMMIT");
    return await done;
  } finally {
    // Closed rather than given back: where nobody waited, its transaction is still open.
    deleter.release(true);
  }
}
