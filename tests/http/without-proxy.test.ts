import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { protectedPages } from "../support/http/pages";
import { copyWithoutProxy } from "../support/http/proxyless";
import { type Server, startServer } from "../support/http/server";
import { ask, expectNothingShown, expectSentAway, STRANGERS, WAYS } from "../support/http/strangers";
import { addPerson } from "../support/people/people";
import { newSession, type Visitor } from "../support/people/visitors";

// The proxy is a convenience. Without it every page still protects itself.

const NAME = `Name-${randomUUID()}`;
const DEVICE = `Device-${randomUUID()}`;

let server: Server;
let db: pg.Pool;
let victim: Visitor;
let secrets: string[];
beforeAll(async () => {
  server = await startServer({ databaseUrl: await freshDatabase(), root: await copyWithoutProxy() });
  db = connect(server.databaseUrl);
  victim = await newSession(server, db, await addPerson(db, { name: NAME }), { name: DEVICE });
  secrets = [victim.person.email, NAME, DEVICE, victim.row.secret];
}, 180_000);
afterAll(async () => {
  await server?.stop();
  await db?.end();
});

test("there is no proxy: nobody lets a page run its scripts", async () => {
  const { headers } = await victim.browser.get("/login");
  expect(headers["content-security-policy"]).toMatch(/^default-src 'none';/);
});

describe.each(protectedPages())("%s", (path) => {
  test("is shown to its owner", async () => {
    expect((await victim.browser.get(path)).text).toContain(NAME);
  });

  describe.each(WAYS)("%s", (_, way) => {
    test.each(STRANGERS)("shows nothing to %s", async (_who, make) => {
      const answer = await ask(await make(server, db, victim), path, way);
      expectNothingShown(answer, secrets);
      expectSentAway(answer, path, way);
    });
  });
});
