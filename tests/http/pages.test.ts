import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { browser } from "../support/http/client";
import { protectedPages, statusWithoutRole } from "../support/http/pages";
import { ask, expectNothingShown, expectSentAway, STRANGERS, WAYS } from "../support/http/strangers";
import { addPerson } from "../support/people/people";
import { newSession, newVisitor, type Visitor } from "../support/people/visitors";

// Every page of an account, asked for as a browser, as Next's router does it, and by those who may not see it.

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const NAME = `Name-${randomUUID()}`;
const DEVICE = `Device-${randomUUID()}`;
const ADDRESS = "203.0.113.77";

let victim: Visitor;
let secrets: string[];
beforeAll(async () => {
  victim = await newSession(server, db, await addPerson(db, { name: NAME }), { name: DEVICE, ip: ADDRESS });
  secrets = [victim.person.email, NAME, DEVICE, ADDRESS, victim.row.secret, victim.token];
});

test("there are pages to protect", () => {
  expect(protectedPages().length).toBeGreaterThanOrEqual(2);
});

describe.each(protectedPages())("%s", (path) => {
  test("is shown to its owner, and kept by nobody", async () => {
    const answer = await victim.browser.get(path);
    expect(answer.status).toBe(statusWithoutRole(path));
    if (answer.status === 200) expect(answer.text).toContain(NAME);
    expect(answer.headers["cache-control"]).toContain("no-store");
  });

  test("holds no token, no hash and nobody else's data, as a document and as a payload", async () => {
    const stranger = await newVisitor(server, db);
    const { rows } = await db.query<{ secret_hash: Buffer }>(
      "SELECT secret_hash FROM sessions WHERE user_id = $1",
      [victim.person.id],
    );
    const encodings = ["hex", "base64", "base64url"] as const;
    const hashes = rows.flatMap(({ secret_hash }) =>
      encodings.map((encoding) => secret_hash.toString(encoding)),
    );
    for (const way of [{}, { rsc: "1" }]) {
      const { status, text } = await ask(victim.browser, path, way);
      expect(status).toBe(statusWithoutRole(path));
      if (status === 200) expect(text).toContain(NAME);
      const { row, token } = victim;
      for (const each of [...hashes, row.secret, token, stranger.person.email, stranger.row.id]) {
        expect(text).not.toContain(each);
      }
      expect(text).not.toMatch(/eyJ[\w-]+\.eyJ|Fe26\.2|\$argon2|postgresql:/);
      expect(text).not.toContain(server.secrets.cookiePassword);
    }
  });

  describe.each(WAYS)("%s", (_, way) => {
    test.each(STRANGERS)("shows nothing to %s", async (_who, make) => {
      const answer = await ask(await make(server, db, victim), path, way);
      expectNothingShown(answer, secrets);
      expectSentAway(answer, path, way);
    });
  });

  test("shows nothing to a HEAD or a POST of a stranger", async () => {
    for (const method of ["HEAD", "POST"]) {
      const answer = await browser(server).send(method, path);
      expectNothingShown(answer, secrets);
      expect([303, 307]).toContain(answer.status);
    }
  });
});

// Browsers ask for the first one on their own account, before they have read a page.
test.each(["/favicon.ico", "/icon.svg"])("%s is there for everybody", async (path) => {
  const { status, headers } = await browser(server).get(path);
  expect(status).toBe(200);
  expect(headers["content-type"]).toMatch(/^image\//);
});

describe("the login page", () => {
  test("sends nobody away who holds a cookie of an ended session, or they would go round and round", async () => {
    const ended = await newSession(server, db, victim.person, { startedAgo: 600, endedAgo: 60 });
    expect((await ended.browser.get("/login")).status).toBe(200);
  });
});
