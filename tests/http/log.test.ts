import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { type Server, startServer } from "../support/http/server";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { cookieFor, newVisitor } from "../support/people/visitors";

// What a server writes, after everything happened to it that could put a secret there.

let server: Server;
let db: pg.Pool;
beforeAll(async () => {
  server = await startServer({ databaseUrl: await freshDatabase(), env: { LOG_LEVEL: "debug" } });
  db = connect(server.databaseUrl);
});
afterAll(async () => {
  await server?.stop();
  await db?.end();
});

test("no token, seal, password, hash, key or address of a person reaches the log", async () => {
  const WRONG = "fourteen purple umbrellas";
  const person = await addPerson(db);
  const visitor = await newVisitor(server, db);
  const email = freshEmail();
  const secrets = [
    PASSWORD,
    WRONG,
    person.email,
    email,
    visitor.token,
    visitor.row.secret,
    visitor.person.email,
  ];

  const signedUp = await program(server).post("/api/auth/signup", { json: { email, password: PASSWORD } });
  const loggedIn = await program(server).post("/api/auth/login", { json: { email, password: PASSWORD } });
  secrets.push(String(signedUp.json().token), String(loggedIn.json().token));
  const form = await browser(server).post("/api/auth/login", { form: { email, password: PASSWORD } });
  secrets.push(...form.setCookies.map((each) => each.split(/[=;]/)[1] ?? "").filter((value) => value !== ""));
  for (let guess = 0; guess < 7; guess += 1) {
    await program(server).post("/api/auth/login", { json: { email: person.email, password: WRONG } });
  }
  await browser(server).post("/api/auth/login", {
    form: { email: person.email, password: WRONG, next: "/x" },
  });
  // Where they do not belong.
  await program(server).get(`/api/auth/verify?token=${visitor.token}`);
  await program(server).get(`/api/auth/sessions?cursor=${visitor.token.slice(0, 90)}`);
  await program(server).delete(`/api/auth/sessions/${encodeURIComponent(visitor.token)}`);
  await program(server, visitor.token.slice(0, -3)).get("/api/auth/verify");
  await program(server, WRONG).get("/api/auth/verify");
  const cookie = Object.values(await cookieFor(server, visitor.token)).join();
  secrets.push(cookie);
  await browser(server, { session: `${cookie}x` }).get("/sessions");
  await program(server).get(`/sessions?token=${visitor.token}`);
  await program(server).post("/api/auth/login", {
    headers: { "content-type": "application/json" },
    body: `{"password":"${WRONG}"`,
  });
  await program(server).get("/api/auth/verify", {
    headers: { "user-agent": visitor.token, referer: `http://x/?${visitor.token}` },
  });
  await visitor.browser.get("/sessions");
  // Errors of the database, with the statement and all: one that passes, and a mistake of ours.
  await db.query("ALTER TABLE sessions RENAME COLUMN secret_hash TO hidden");
  const signedIn = program(server, loggedIn.json<{ token: string }>().token);
  expect((await signedIn.get("/api/auth/sessions")).status).toBe(503);
  await db.query("ALTER TABLE sessions RENAME COLUMN hidden TO secret_hash");
  await db.query("ALTER TABLE sessions RENAME TO kept");
  await db.query("CREATE VIEW sessions AS SELECT * FROM kept WHERE 1 / (created_at < 'epoch')::int = 1");
  expect((await signedIn.get("/api/auth/sessions")).status).toBe(500);
  // Next tells of what fails in a page or an action itself.
  expect((await visitor.browser.get("/sessions")).status).toBe(500);
  await visitor.browser.post("/sessions", { headers: { "next-action": visitor.token }, body: "[" });
  await db.query("DROP VIEW sessions");
  await db.query("ALTER TABLE kept RENAME TO sessions");
  await visitor.program.post("/api/auth/logout");
  const [key] = server.secrets.keys;
  secrets.push(
    server.secrets.cookiePassword,
    String(key?.d),
    String(key?.x),
    new URL(server.databaseUrl).password,
  );
  await server.stop();

  const text = server.lines.join("\n");
  expect(server.lines.filter((line) => line.includes('"event":"request"')).length).toBeGreaterThan(15);
  expect(text).toContain('"event":"unexpected_error"');
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/eyJ[\w-]{10,}\.|Fe26\.2\*|\$argon2|postgres(ql)?:\/\//);
  expect(text).toContain('"event":"console"');
  // Once it serves, every line is JSON, with its time.
  const first = server.lines.findIndex((line) => line.includes('"event":"request"'));
  for (const line of server.lines.slice(first))
    expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), event: expect.any(String) });
});
