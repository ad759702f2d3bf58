import type pg from "pg";

/** The look-up of the gate, as PostgreSQL knows it. */
export const LOOK_UP = "FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1";

/** How many statements in the database of `db` wait for a lock at this moment. */
export async function lockWaits(db: pg.Pool): Promise<number> {
  const { rows } = await db.query(
    "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
  );
  return rows.length;
}

/** Part of the statement that tells a fence. */
export const TELL = "told.database";

/** Part of the statement that comes before each renewal. */
const PROOF = "AS listed";

/**
 * How often statements that contain `text` were run in the database of `db`, as it counts itself; with an empty text, all but
 * those that keep the feed and its pool alive whether somebody asks or not.
 */
export async function callsOf(db: pg.Pool, text = ""): Promise<number> {
  await db.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
  const { rows } = await db.query<{ calls: string | null }>(
    `SELECT sum(calls) AS calls FROM pg_stat_statements
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND strpos(query, $1) > 0 AND query NOT LIKE '%pg_stat_statements%' AND query NOT LIKE 'UPDATE instances%'
       AND query NOT LIKE '%pg_backend_pid%' AND query NOT LIKE 'SET %' AND query <> 'SELECT $1'
       AND strpos(query, '${PROOF}') = 0`,
    [text],
  );
  return Number(rows[0]?.calls ?? 0);
}
