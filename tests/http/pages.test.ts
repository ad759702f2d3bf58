import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Answer, browser, type Client } from "../support/client";
import { connect } from "../support/database";
import { protectedPages } from "../support/pages";
import { addPerson } from "../support/people";
import { freshKey, freshSecrets } from "../support/secrets";
import { claimsOf, freshSecret, seal, sign } from "../support/tokens";
import { newSession, newVisitor, tokenFor, type Visitor } from "../support/visitors";

// Every page of an account, asked for as a browser, as Next's router does it, and by those who may not see it.

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const NAME = `Name-${randomUUID()}`;
const DEVICE = `Device-${randomUUID()}`;

let victim: Visitor;
beforeAll(async () => {
  victim = await newSession(server, db, await addPerson(db, { name: NAME }), {
    name: DEVICE,
    ip: "203.0.113.77",
  });
});

const secretsOf = ({ person, row, token }: Visitor) => [
  person.email,
  NAME,
  DEVICE,
  row.secret,
  token,
  "203.0.113.77",
];

/** Ways in which Next's router asks for a page or a part of it. */
const WAYS: [string, Record<string, string>][] = [
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
async function ask(client: Client, path: string, headers: Record<string, string>): Promise<Answer> {
  const answer = await client.get(path, { headers });
  const { location = "" } = answer.headers;
  return location.startsWith(`${path}?_rsc`) ? client.get(location, { headers }) : answer;
}

const [key] = server.secrets.keys;
if (!key) throw new Error("There is no key.");

/** Those who may not see it. The cookies of some of them satisfy the proxy: then the page itself must refuse. */
const STRANGERS: [string, () => Promise<Client>][] = [
  ["nobody", async () => browser(server)],
  ["a broken cookie", async () => browser(server, { session: "Fe26.2*1*broken" })],
  [
    "a seal of somebody else's",
    async () => browser(server, { session: await seal(victim.token, await freshSecrets()) }),
  ],
  [
    "a token by another key",
    async () => {
      const identity = { userId: victim.person.id, sessionId: victim.row.id, secret: victim.row.secret };
      const token = await sign(await freshKey("ES256", key.kid), claimsOf(server.origin, identity));
      return browser(server, { session: await seal(token, server.secrets) });
    },
  ],
  [
    "a good signature over a wrong secret, which the proxy lets through",
    async () =>
      browser(server, {
        session: await seal(await tokenFor(server, victim.row, { jti: freshSecret() }), server.secrets),
      }),
  ],
  [
    "an ended session, which the proxy lets through",
    async () => (await newSession(server, db, victim.person, { startedAgo: 600, endedAgo: 60 })).browser,
  ],
  [
    "an idle session, which the proxy lets through",
    async () =>
      (await newSession(server, db, victim.person, { startedAgo: 7_300, idleSeconds: 7_200 })).browser,
  ],
  [
    "a session that has just been ended",
    async () => {
      const { browser: visitor, program } = await newSession(server, db, victim.person);
      await visitor.get("/sessions");
      await program.post("/api/auth/logout");
      return visitor;
    },
  ],
];

function expectNothingShown({ text, headers }: Answer): void {
  for (const secret of secretsOf(victim)) expect(text).not.toContain(secret);
  expect(String(headers["cache-control"])).toContain("no-store");
}

/** A redirect by the proxy, or one by the page: as a status, or, once a stream has begun, within it. */
function expectSentAway({ status, headers, text }: Answer, path: string): void {
  expect([200, 303, 307]).toContain(status);
  expect(headers.location ?? text).toContain(`/login?next=${encodeURIComponent(path)}`);
}

test("there are pages to protect", () => {
  expect(protectedPages().length).toBeGreaterThanOrEqual(2);
});

describe.each(protectedPages())("%s", (path) => {
  test("is shown to its owner, and kept by nobody", async () => {
    const answer = await victim.browser.get(path);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(NAME);
    expect(answer.headers["cache-control"]).toContain("no-store");
  });

  test("A128 holds no token, no hash and nobody else's data, as a document and as a payload", async () => {
    const stranger = await newVisitor(server, db);
    await newSession(server, db, victim.person);
    const { rows } = await db.query("SELECT secret_hash FROM sessions WHERE user_id = $1", [
      victim.person.id,
    ]);
    const hashes = rows.flatMap(({ secret_hash }: { secret_hash: Buffer }) =>
      (["hex", "base64", "base64url"] as const).map((encoding) => secret_hash.toString(encoding)),
    );
    for (const headers of [{}, { rsc: "1" }]) {
      const { status, text } = await ask(victim.browser, path, headers);
      expect(status).toBe(200);
      expect(text).toContain(NAME);
      for (const secret of [
        ...hashes,
        victim.row.secret,
        victim.token,
        stranger.person.email,
        stranger.row.id,
      ]) {
        expect(text).not.toContain(secret);
      }
      expect(text).not.toMatch(/eyJ[\w-]+\.eyJ|Fe26\.2|\$argon2|postgresql:/);
      expect(text).not.toContain(server.secrets.cookiePassword);
    }
  });

  describe.each(WAYS)("%s", (_, headers) => {
    test.each(STRANGERS)("shows nothing to %s", async (_who, make) => {
      const answer = await ask(await make(), path, headers);
      expectNothingShown(answer);
      // A prefetch may hold the skeleton of the address, which is the same for everybody, and nothing else.
      if (answer.status === 200 && "next-router-prefetch" in headers)
        expect(answer.text.length).toBeLessThan(1_000);
      else expectSentAway(answer, path);
    });
  });

  test("shows nothing to a HEAD or a POST of a stranger", async () => {
    for (const method of ["HEAD", "POST"]) {
      const answer = await browser(server).send(method, path);
      for (const secret of secretsOf(victim)) expect(answer.text).not.toContain(secret);
      expect(answer.status).toBe(307);
    }
  });
});

describe("the login page", () => {
  test("sends nobody away who holds a cookie of an ended session, or they would go round and round", async () => {
    const { browser: visitor } = await newSession(server, db, victim.person, {
      startedAgo: 600,
      endedAgo: 60,
    });
    const answer = await visitor.get("/login");
    expect(answer.status).toBe(200);
  });
});
