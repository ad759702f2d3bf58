import type pg from "pg";
import { vi } from "vitest";

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
    await vi.waitFor(async () => {
      const { rows } = await db.query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      if (rows.length === 0) throw new Error("Nobody waits.");
    });
    await deleter.query("COMMIT");
    return await done;
  } finally {
    deleter.release();
  }
}
