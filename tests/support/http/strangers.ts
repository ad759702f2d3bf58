import type pg from "pg";
import { expect } from "vitest";
import { freshKey, freshSecrets } from "../people/secrets";
import { claimsOf, freshSecret, seal, sign } from "../people/tokens";
import { newSession, type Place, tokenFor, type Visitor } from "../people/visitors";
import { type Answer, browser, type Client } from "./client";

// Those who may not see the pages of an account, and the ways in which they could ask for them.

/** Ways in which Next's router asks for a page or a part of it, and some that are none. */
export const WAYS: [string, Record<string, string>][] = [
  ["as a document", {}],
  ["as a payload", { rsc: "1" }],
  ["as a prefetch", { rsc: "1", "next-router-prefetch": "1" }],
  [
    "as a prefetch of one segment",
    { rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": "/_tree" },
  ],
  ["as a prefetch by a browser", { purpose: "prefetch", "sec-purpose": "prefetch" }],
  [
    "with a subrequest that claims to have passed the proxy",
    { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" },
  ],
  [
    "with the internal headers of the proxy",
    { "x-middleware-next": "1", "x-middleware-rewrite": "/sessions", "x-nextjs-data": "1" },
  ],
];

/** The answer to one of them: a payload is to be had only under the key that Next tells first. */
export async function ask(client: Client, path: string, headers: Record<string, string>): Promise<Answer> {
  const answer = await client.get(path, { headers });
  const { location = "" } = answer.headers;
  return location.startsWith(`${path}?_rsc`) ? client.get(location, { headers }) : answer;
}

type Stranger = (place: Place, db: pg.Pool, victim: Visitor) => Promise<Client>;

const withCookie = async (place: Place, token: string, secrets = place.secrets) =>
  browser(place, { session: await seal(token, secrets) });

/** The cookies of some of them satisfy the proxy: then the page itself must refuse. */
export const STRANGERS: [string, Stranger][] = [
  ["nobody", async (place) => browser(place)],
  ["a broken cookie", async (place) => browser(place, { session: "Fe26.2*1*broken" })],
  [
    "a seal of somebody else's",
    async (place, _, { token }) => withCookie(place, token, await freshSecrets()),
  ],
  [
    "a token by another key",
    async (place, _, { row }) => {
      const identity = { userId: row.userId, sessionId: row.id, secret: row.secret };
      const key = await freshKey("ES256", place.secrets.keys[0]?.kid);
      return withCookie(place, await sign(key, claimsOf(place.origin, identity)));
    },
  ],
  [
    "a good signature over a wrong secret, which the proxy lets through",
    async (place, _, { row }) => withCookie(place, await tokenFor(place, row, { jti: freshSecret() })),
  ],
  [
    "an ended session, which the proxy lets through",
    async (place, db, { person }) =>
      (await newSession(place, db, person, { startedAgo: 600, endedAgo: 60 })).browser,
  ],
  [
    "an idle session, which the proxy lets through",
    async (place, db, { person }) =>
      (await newSession(place, db, person, { startedAgo: 7_300, idleSeconds: 7_200 })).browser,
  ],
  [
    "a session that has just been ended",
    async (place, db, { person }) => {
      const { browser: visitor, program } = await newSession(place, db, person);
      await visitor.get("/sessions");
      await program.post("/api/auth/logout");
      return visitor;
    },
  ],
];

/** Nothing of the account, and nothing to keep. */
export function expectNothingShown({ text, headers }: Answer, secrets: string[]): void {
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(String(headers["cache-control"])).toContain("no-store");
}

/** A redirect by the proxy, or one by the page: as a status, or, once a stream has begun, within it. */
export function expectSentAway(answer: Answer, path: string, way: Record<string, string>): void {
  const { status, headers, text } = answer;
  // A prefetch may hold the skeleton of the address, which is the same for everybody, and nothing else.
  const isSkeleton = status === 200 && "next-router-prefetch" in way && text.length < 1_000;
  if (isSkeleton) return;
  expect([200, 303, 307]).toContain(status);
  expect(headers.location ?? text).toContain(`/login?next=${encodeURIComponent(path)}`);
}
