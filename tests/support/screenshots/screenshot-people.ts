import type pg from "pg";
import { FIREFOX_ON_WINDOWS, type Kind } from "../../e2e/support/user-agents";
import { addSession, type Person, type SessionFacts } from "../people/people";

// What the pictures show besides the two browsers that are really there.

const [HOUR, DAY] = [3_600, 86_400];
const KEPT = { idleSeconds: 7 * DAY };

/** Sessions that somebody with a job, a phone and a script may well have. */
export async function addSessions(db: pg.Pool, person: Person): Promise<void> {
  const add = async (
    { deviceType, browser, os }: Pick<Kind, "deviceType" | "browser"> & { os: string | null },
    { place, by, ...facts }: SessionFacts & { place: string | null; by?: string },
  ) => {
    const { id } = await addSession(db, person, {
      ...KEPT,
      endsIn: 30 * DAY - (facts.startedAgo ?? 0),
      ...facts,
    });
    await db.query(
      `UPDATE sessions SET device_type = $2, browser = $3, os = $4, location = $5, ended_by_id = $6,
         confirmed_at = CASE WHEN $6::uuid IS NOT NULL THEN ended_at + interval '0.2 s' END
       WHERE id = $1`,
      [id, deviceType, browser, os, place, by ?? null],
    );
    return id;
  };
  const script = { deviceType: "api", browser: "curl", os: null };
  await add(FIREFOX_ON_WINDOWS, {
    kind: "browser",
    name: "Work",
    ip: "203.0.113.44",
    place: "Porto, PT",
    startedAgo: 6 * DAY,
    seenAgo: 3 * HOUR,
  });
  await add(script, {
    name: "Nightly report",
    ip: "2001:db8::17",
    place: null,
    startedAgo: 20 * DAY,
    seenAgo: 5 * HOUR,
  });
  await add(
    { deviceType: "tablet", browser: "Safari", os: "iOS" },
    {
      kind: "browser",
      name: "Tablet in the kitchen",
      ip: "198.51.100.7",
      place: "Lisbon, PT",
      startedAgo: 9 * DAY,
      endedAgo: 2 * DAY,
      reason: "logout",
    },
  );
}

/** The session of a browser, as if somebody had signed in days ago. */
export async function age(db: pg.Pool, name: string, days: number): Promise<void> {
  await db.query(
    `UPDATE sessions SET created_at = created_at - $2 * interval '1 day', expires_at = expires_at - $2 * interval '1 day'
     WHERE ended_at IS NULL AND browser || ' on ' || os = $1 AND name IS NULL`,
    [name, days],
  );
}
