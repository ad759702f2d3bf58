import type pg from "pg";
import { addSession, type Person, type Row, type SessionFacts } from "../../support/people/people";
import { place } from "../../support/people/place";
import { claimsOf, seal, sign } from "../../support/people/tokens";
import type { Kind } from "./user-agents";

// Sessions of browsers, written straight into the database.

/** A session of such a device. */
export async function addDevice(
  db: pg.Pool,
  person: Pick<Person, "id">,
  { deviceType, browser, os }: Kind,
  facts: SessionFacts = {},
): Promise<Row> {
  const row = await addSession(db, person, { kind: "browser", ...facts });
  // As the app makes them, sessions end at a full second.
  await db.query(
    `UPDATE sessions SET device_type = $2, browser = $3, os = $4, expires_at = date_trunc('second', expires_at)
     WHERE id = $1`,
    [row.id, deviceType, browser, os],
  );
  return row;
}

/** The value of the cookie with which the device of a session comes. */
export async function cookieOf({ id, userId, secret }: Row, { origin, secrets } = place()): Promise<string> {
  const [key] = secrets.keys;
  if (!key) throw new Error("The server of the tests has no key.");
  return seal(await sign(key, claimsOf(origin, { userId, sessionId: id, secret })), secrets);
}
