import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { newVisitor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const ALLOWED: Record<string, string[]> = {
  "/api/auth/signup": ["POST"],
  "/api/auth/login": ["POST"],
  "/api/auth/verify": ["GET", "HEAD", "POST"],
  "/api/auth/logout": ["POST"],
  "/api/auth/logout-others": ["POST"],
  "/api/auth/logout-all": ["POST"],
  "/api/auth/reauthenticate": ["POST"],
  "/api/auth/password": ["POST"],
  "/api/auth/password/forgot": ["POST"],
  "/api/auth/password/reset": ["POST"],
  "/api/auth/email": ["POST"],
  "/api/auth/email/verify": ["POST"],
  "/api/auth/email/resend": ["POST"],
  "/api/auth/report": ["POST"],
  "/api/auth/receipt": ["POST"],
  "/api/auth/events": ["GET", "HEAD"],
  "/api/auth/sessions": ["GET", "HEAD", "POST"],
  "/api/auth/activity": ["GET", "HEAD"],
  "/api/auth/export": ["GET", "HEAD"],
  "/api/auth/account": ["DELETE"],
  "/api/auth/sessions/0190f3a0-7f00-7000-8000-000000000001": ["DELETE", "PATCH"],
  "/api/theme": ["POST"],
  "/.well-known/jwks.json": ["GET", "HEAD"],
  "/api/health/live": ["GET", "HEAD"],
  "/api/health/ready": ["GET", "HEAD"],
  "/api/metrics": ["GET", "HEAD"],
};
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

const refused = Object.entries(ALLOWED).flatMap(([path, allowed]) =>
  METHODS.filter((method) => !allowed.includes(method)).map((method) => [method, path] as const),
);

const allow = (path: string) => [...(ALLOWED[path] ?? []), "OPTIONS"].sort().join(", ");

// No header and no field makes another method do anything.
test.each(refused)("%s %s is 405 with what is allowed, and does nothing", async (method, path) => {
  const visitor = await newVisitor(server, db);
  const headers = { "x-http-method-override": "DELETE", "x-http-method": "POST" };
  const answer = await visitor.program.send(method, `${path}?_method=POST`, { headers });
  if (method !== "HEAD") expectProblem(answer, "method_not_allowed");
  expect(answer.status).toBe(405);
  expect(answer.headers.allow).toBe(allow(path));
  expect(answer.setCookies).toEqual([]);
  expect((await visitor.program.get("/api/auth/verify")).status).toBe(200);
});

test.each(Object.keys(ALLOWED))("OPTIONS %s tells what is allowed", async (path) => {
  const answer = await program(server).send("OPTIONS", path);
  expect([answer.status, answer.headers.allow]).toEqual([204, allow(path)]);
  expect(answer.headers["cache-control"]).toBe("no-store");
});

describe("unknown methods", () => {
  test.each(["TRACE", "PROPFIND", "BREW", "QUERY"])(
    "%s does not succeed and echoes nothing",
    async (method) => {
      const visitor = await newVisitor(server, db);
      for (const path of ["/api/auth/logout", "/api/auth/verify", "/sessions"]) {
        const answer = await visitor.program.send(method, path);
        expect([307, 400, 403, 404, 405, 501]).toContain(answer.status);
        expect(answer.text).not.toContain(visitor.token);
      }
      expect((await visitor.program.get("/api/auth/verify")).status).toBe(200);
    },
  );
});

test("an unknown path of the API is 404 and tells nothing", async () => {
  const visitor = await newVisitor(server, db);
  for (const path of [
    "/api",
    "/api/",
    "/api/auth",
    "/api/auth/unknown",
    "/.well-known/unknown",
    "/api/auth/verify/x",
  ]) {
    const { status, text } = await visitor.program.get(path);
    // To whom it is no API, it is a page for people who are signed in.
    expect(path === "/api" || path === "/api/" ? [307, 308] : [404]).toContain(status);
    expect(text).not.toContain(visitor.person.email);
  }
});
