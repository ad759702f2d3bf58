import type pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { type Server, startServer } from "../support/http/server";
import { addPerson, PASSWORD } from "../support/people/people";
import { randomName } from "../support/people/secrets";

// A server without a proxy in front, and with metrics.

const METRICS_TOKEN = randomName().repeat(4);
let server: Server;
let db: pg.Pool;
beforeAll(async () => {
  server = await startServer({
    databaseUrl: await freshDatabase(),
    env: { TRUSTED_PROXY_HOPS: "0", METRICS_TOKEN },
  });
  db = connect(server.databaseUrl);
});
afterAll(async () => {
  await server?.stop();
  await db?.end();
});

describe("without a trusted proxy", () => {
  const SPOOFED = {
    "x-forwarded-for": "203.0.113.9",
    "x-real-ip": "203.0.113.9",
    forwarded: "for=203.0.113.9",
    "x-latchkey-socket": "203.0.113.9",
    "cf-ipcity": "Lisbon",
    "cf-ipcountry": "PT",
    "x-vercel-ip-country": "PT",
    "x-request-id": "given-from-outside",
  };

  test("an address is the socket's, whatever the headers say, and no place is known", async () => {
    const { email, id } = await addPerson(db);
    const answer = await program(server).post("/api/auth/login", {
      json: { email, password: PASSWORD },
      headers: SPOOFED,
    });
    const { session } = answer.json<{ session: { ip: string; location: string | null } }>();
    expect(["127.0.0.1", "::1"]).toContain(session.ip);
    expect(session.location).toBeNull();
    const { rows } = await db.query("SELECT ip, request_id FROM security_events WHERE user_id = $1", [id]);
    expect(rows.length).toBeGreaterThan(0);
    for (const { ip, request_id } of rows) {
      expect(["127.0.0.1", "::1"]).toContain(ip);
      expect(request_id).not.toBe("given-from-outside");
    }
  });
});

test.each([
  ["203.0.113.9:1234", "203.0.113.9"],
  ["[2001:DB8::9]:55", "2001:db8::9"],
  ["2001:DB8:0:0::9", "2001:db8::9"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["0:0:0:0:0:ffff:cb00:7109", "203.0.113.9"],
  ["fe80::1%eth0", "fe80::1"],
  ["203.0.113.9, unknown", null],
])("behind a trusted proxy that says %j the address is %j", async (said, ip) => {
  const trusting = inject("plain");
  const trustingDb = connect(trusting.databaseUrl);
  const { email } = await addPerson(trustingDb);
  const answer = await program(trusting).post("/api/auth/login", {
    json: { email, password: PASSWORD },
    headers: { "x-forwarded-for": said },
  });
  expect(answer.json()).toMatchObject({ session: { ip } });
  await trustingDb.end();
});

describe("/api/metrics", () => {
  const METRICS = "/api/metrics";

  test("is for those who have the token", async () => {
    expectProblem(await program(server).get(METRICS), "missing_token");
    expectProblem(await program(server, "wrong").get(METRICS), "invalid_token");
    expectProblem(await program(server, `${METRICS_TOKEN}x`).get(METRICS), "invalid_token");
    const answer = await program(server, METRICS_TOKEN).get(METRICS);
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.text).toMatch(/^latchkey_feed_connected [01]$/m);
    expect(answer.text).toMatch(/^# TYPE latchkey_revocation_seconds histogram$/m);
  });

  test("does not exist without one", async () => {
    expectProblem(await program(inject("plain")).get(METRICS), "not_found");
  });
});
