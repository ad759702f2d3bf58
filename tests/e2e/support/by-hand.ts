import { expect } from "@playwright/test";
import type pg from "pg";
import { browser } from "../../support/http/client";
import { addPerson, type Row } from "../../support/people/people";
import { place } from "../../support/people/place";
import { addDevice, cookieOf } from "./sign-in";
import { CHROME_ON_MAC } from "./user-agents";

/**
 * Changes a row as an operator would, behind the back of the app, and waits until the server has heard of it: news
 * come in the order of the commits, so that a later one, of somebody else's session, tells when this one has come.
 */
export async function byHand(db: pg.Pool, statement: string, values: unknown[]): Promise<void> {
  const marker = await addDevice(db, await addPerson(db), CHROME_ON_MAC);
  const client = browser(place(), { session: await cookieOf(marker) });
  const nameOfMarker = async () => {
    const answer = await client.get("/api/auth/verify");
    return answer.json<{ session?: { name: string } }>().session?.name;
  };
  await expect.poll(nameOfMarker).toBe("Chrome on macOS");
  await db.query(statement, values);
  await db.query("UPDATE sessions SET name = 'heard of' WHERE id = $1", [marker.id]);
  await expect.poll(nameOfMarker).toBe("heard of");
}

/** Ends a session by hand. */
export function endByHand(db: pg.Pool, { id }: Row): Promise<void> {
  return byHand(db, "UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1", [id]);
}
