import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { bytesOf, exchange } from "../support/http/raw";
import { newSession, newVisitor, type Visitor } from "../support/people/visitors";

// Requests that are not quite HTTP, byte for byte.

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

let visitor: Visitor;
beforeEach(async () => {
  visitor = await newVisitor(server, db);
});

/** Ends another session of the visitor by a request as it should be. */
async function endAnother(): Promise<void> {
  const other = await newSession(server, db, visitor.person);
  expect((await other.program.post("/api/auth/logout")).status).toBe(204);
}

const LINES = (authorization: string) => [
  "POST /api/auth/logout HTTP/1.1",
  "Host: localhost",
  authorization,
  "Connection: close",
];
const SMUGGLED = "POST /api/auth/logout-all HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";

test.each<[string, (authorization: string) => string]>([
  ["a space before the colon", (each) => bytesOf(LINES(each.replace(":", " :")))],
  ["a folded line", (each) => bytesOf(LINES(each.replace(": ", ":\r\n ")))],
  [
    "a length and chunks",
    (each) => bytesOf([...LINES(each), "Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  ],
  ["two lengths", (each) => bytesOf([...LINES(each), "Content-Length: 0", "Content-Length: 5"], SMUGGLED)],
  ["a negative length", (each) => bytesOf([...LINES(each), "Content-Length: -1"])],
  ["a length in words", (each) => bytesOf([...LINES(each), "Content-Length: ten"])],
  ["an unknown coding", (each) => bytesOf([...LINES(each), "Transfer-Encoding: xchunked"])],
  ["a NUL in a header", (each) => bytesOf([...LINES(each), "X: a\0b"])],
  ["no Host", (each) => bytesOf(LINES(each).filter((line) => !line.startsWith("Host")))],
  ["HTTP/9.9", (each) => bytesOf(LINES(each)).replace("HTTP/1.1", "HTTP/9.9")],
  ["bare line feeds", (each) => LINES(each).join("\n").concat("\n\n")],
  ["64 KB of headers", (each) => bytesOf([...LINES(each), `X: ${"x".repeat(65_536)}`])],
  ["nothing but noise", () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
])("%s does nothing and ends the connection", async (_, make) => {
  const answer = await exchange(server, make(`Authorization: Bearer ${visitor.token}`));
  expect(answer).not.toMatch(/^HTTP\/1\.1 [23]/);
  expect(answer).not.toContain(visitor.token);
  // Node may hang up on a request that it has handed on. Had it begun an ending, a later one would come after it.
  for (let round = 0; round < 3; round += 1) await endAnother();
  expect((await visitor.program.get("/api/auth/verify")).status).toBe(200);
});

const VERIFY = (authorization: string, target: string, ...more: string[]) =>
  bytesOf([`GET ${target} HTTP/1.1`, "Host: localhost", "Connection: close", authorization, ...more]);

test.each(["websocket", "h2c", "foo"])("an upgrade to %s is ignored", async (protocol) => {
  const upgrade = ["Connection: Upgrade", `Upgrade: ${protocol}`];
  const bytes = VERIFY(`Authorization: Bearer ${visitor.token}`, "/api/auth/verify", ...upgrade);
  expect(await exchange(server, bytes)).toMatch(/^HTTP\/1\.1 200/);
  const page = bytesOf(["GET /sessions HTTP/1.1", "Host: localhost", "Connection: close", ...upgrade]);
  expect(await exchange(server, page)).toMatch(/^HTTP\/1\.1 307/);
});

test("the absolute form of a target is the same resource", async () => {
  const bytes = VERIFY(`Authorization: Bearer ${visitor.token}`, "http://localhost/api/auth/verify");
  expect(await exchange(server, bytes)).toMatch(/^HTTP\/1\.1 200/);
});

test.each([
  "DELETE /api/auth/sessions/%zz",
  "GET /api/auth/%E9",
  "GET /api/auth/verify%zz",
  "GET /api/health/%ff",
  "POST /api/auth/logout%",
])("%s, which cannot be decoded, is 404", async (line) => {
  const lines = LINES(`Authorization: Bearer ${visitor.token}`).slice(1);
  const answer = await exchange(server, bytesOf([`${line} HTTP/1.1`, ...lines]));
  expect(answer).toMatch(/^HTTP\/1\.1 404/);
  expect(answer).toContain('"code":"not_found"');
});

test.each(["OPTIONS * HTTP/1.1", "GET * HTTP/1.1", "GET /%zz HTTP/1.1", "GET http:// HTTP/1.1"])(
  "%s is no error of the server",
  async (line) => {
    const answer = await exchange(server, bytesOf([line, "Host: localhost", "Connection: close"]));
    expect(answer).toMatch(/^HTTP\/1\.1 [234]/);
  },
);

test("two Authorization headers do not let the second one in", async () => {
  const lines = [
    "GET /api/auth/verify HTTP/1.1",
    "Host: localhost",
    "Authorization: Bearer x",
    `Authorization: Bearer ${visitor.token}`,
    "Connection: close",
  ];
  expect(await exchange(server, bytesOf(lines))).toMatch(/^HTTP\/1\.1 401/);
});
