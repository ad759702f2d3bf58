import type pg from "pg";
import { browser, type Client, program } from "../http/client";
import type { SharedServer } from "../runner/global-servers";
import { addPerson, addSession, type Person, type Row, type SessionFacts } from "./people";
import { type Claims, claimsOf, seal, sign } from "./tokens";

// People who are signed in already, with what they would send.

export type Place = Pick<SharedServer, "url" | "origin" | "secrets">;
export type Visitor = { person: Person; row: Row; token: string; program: Client; browser: Client };

/** Somebody new with one session. */
export async function newVisitor(place: Place, db: pg.Pool, facts: SessionFacts = {}): Promise<Visitor> {
  return newSession(place, db, await addPerson(db), facts);
}

/** One more session of somebody. */
export async function newSession(
  place: Place,
  db: pg.Pool,
  person: Person,
  facts: SessionFacts = {},
): Promise<Visitor> {
  const row = await addSession(db, person, facts);
  const token = await tokenFor(place, row);
  return {
    person,
    row,
    token,
    program: program(place, token),
    browser: browser(place, await cookieFor(place, token)),
  };
}

/** A token for a session, or one that differs from it. */
export function tokenFor({ origin, secrets }: Place, row: Row, overrides: Claims = {}): Promise<string> {
  const [key] = secrets.keys;
  if (!key) throw new Error("There is no key.");
  const { id: sessionId, userId, secret } = row;
  return sign(key, { ...claimsOf(origin, { userId, sessionId, secret }), ...overrides });
}

/** The cookie around a token, by its name on that server. */
export async function cookieFor(place: Place, token: string): Promise<Record<string, string>> {
  return { [sessionCookie(place)]: await seal(token, place.secrets) };
}

export function sessionCookie({ origin }: Pick<Place, "origin">): string {
  return origin.startsWith("https:") ? "__Host-session" : "session";
}
