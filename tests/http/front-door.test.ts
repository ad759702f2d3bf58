import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { bytesOf, exchange, openConnection, readToEnd } from "../support/http/raw";
import { type Server, startServer } from "../support/http/server";
import { newVisitor } from "../support/people/visitors";

// What stands between the socket and Next: bodies, time-outs, connections.

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const PAGE_LIMIT = 64 * 1024;
const CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGES = ["/", "/login", "/sessions", "/unknown", "/robots.txt", "/_next/static/x.js", "/_next/image"];
const API = [
  "/api/auth/login",
  "/api/auth/verify",
  "/api/unknown",
  "/.well-known/jwks.json",
  "/.well-known/x",
];

/** A head alone: what it announces never comes. */
const head = (method: string, path: string, ...lines: string[]) =>
  bytesOf([`${method} ${path} HTTP/1.1`, "Host: localhost", "Sec-Fetch-Site: same-origin", ...lines]);

/** The first answer on a connection, whole. */
async function firstAnswer(socket: Socket): Promise<string> {
  let text = "";
  while (!text.includes("\r\n\r\n")) text += String((await once(socket, "data"))[0]);
  return text;
}

describe("a body that says that it is too long is refused before it comes, and its connection ended", () => {
  test.each(
    [...PAGES, ...API].flatMap((path) => ["POST", "PUT", "DELETE", "GET"].map((method) => [method, path])),
  )("%s %s", async (method = "", path = "") => {
    const answer = await exchange(server, head(method, path, "Content-Length: 10400000"));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(answer).toContain(`Content-Security-Policy: ${CLOSED_POLICY}`);
    expect(answer.includes('"code":"content_too_large"')).toBe(API.includes(path));
  });

  test("and one that is asked for with Expect, instead of asking for it", async () => {
    for (const path of ["/login", "/api/auth/login"]) {
      const bytes = head("POST", path, "Content-Length: 10400000", "Expect: 100-continue");
      expect(await exchange(server, bytes)).toMatch(/^HTTP\/1\.1 413 /);
    }
  });

  test("although a whole body of that length is on its way, the client gets to read the answer", async () => {
    for (const path of ["/login", "/api/auth/login"]) {
      const socket = await openConnection(server);
      const answer = readToEnd(socket);
      socket.write(head("POST", path, "Content-Length: 10400000"));
      socket.write(Buffer.alloc(10_400_000, "x"));
      expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
    }
  });
});

describe("a body in chunks is counted while it comes", () => {
  test.each([
    ["/login", PAGE_LIMIT],
    ["/unknown", PAGE_LIMIT],
    ["/api/auth/verify", 16_384],
    ["/api/unknown", 16_384],
  ])("%s", async (path, limit) => {
    const { program: caller } = await newVisitor(server, db);
    const send = (size: number) =>
      caller.post(path, {
        headers: { "transfer-encoding": "chunked", "sec-fetch-site": "same-origin" },
        body: Readable.from([Buffer.alloc(size - 1, " "), Buffer.from(" ")]),
      });
    expect((await send(limit)).status).not.toBe(413);
    const refused = await send(limit + 1);
    expect([refused.status, refused.headers.connection]).toEqual([413, "close"]);
  });

  test("and refused before its end, which may never come", async () => {
    const socket = await openConnection(server);
    socket.write(head("POST", "/login", "Transfer-Encoding: chunked"));
    for (let sent = 0; sent <= PAGE_LIMIT; sent += 0x4000) socket.write(`4000\r\n${"x".repeat(0x4000)}\r\n`);
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 413 /);
  });
});

test("a body of 64 KB reaches the page whole", async () => {
  const { browser: visitor } = await newVisitor(server, db);
  const body = `x=${"y".repeat(PAGE_LIMIT - 2)}`;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  expect((await visitor.post("/sessions", { headers, body })).status).toBe(200);
  expect((await visitor.post("/sessions", { headers, body: `${body}z` })).status).toBe(413);
});

test("what follows a refused body on the connection is part of the body", async () => {
  const { row, token, program: caller } = await newVisitor(server, db);
  const smuggled = head("DELETE", `/api/auth/sessions/${row.id}`, `Authorization: Bearer ${token}`);
  const answer = await exchange(server, head("POST", "/login", "Content-Length: 10400000") + smuggled);
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect((await caller.get("/api/auth/verify")).status).toBe(200);
});

test("a body that comes after 100 Continue is read", async () => {
  const socket = await openConnection(server);
  const type = "Content-Type: application/json";
  socket.write(head("POST", "/api/auth/login", type, "Content-Length: 2", "Expect: 100-continue"));
  expect(await firstAnswer(socket)).toMatch(/^HTTP\/1\.1 100 Continue/);
  socket.write("{}");
  expect(await firstAnswer(socket)).toMatch(/^HTTP\/1\.1 400 /);
  socket.destroy();
});

test.each(["gzip", "br", "deflate", "x"])("a body coded with %s is refused on every path", async (coding) => {
  for (const path of ["/login", "/sessions", "/api/auth/verify"]) {
    const headers = { "content-encoding": coding, "sec-fetch-site": "same-origin" };
    expect((await program(server).post(path, { headers, body: "x" })).status).toBe(415);
  }
});

test.each(["gzip, chunked", "identity", "xchunked"])(
  "a body with the transfer coding %s is refused on every path",
  async (coding) => {
    for (const path of ["/login", "/api/auth/verify"]) {
      const bytes = head("POST", path, `Transfer-Encoding: ${coding}`, "Connection: close");
      expect(await exchange(server, `${bytes}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 (400|501) /);
    }
  },
);

describe("anonymous connections", () => {
  let own: Server;
  beforeAll(async () => {
    own = await startServer({ databaseUrl: await freshDatabase() });
  });
  afterAll(() => own?.stop());

  /** What the process holds in memory, in bytes. */
  async function resident(): Promise<number> {
    const status = await readFile(`/proc/${own.process.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  test("200 that send half of 10 MB, by length or in chunks, cost less than 30 MB", async ({ skip }) => {
    skip(process.platform !== "linux", "only Linux tells the memory of another process");
    const half = Buffer.alloc(5_200_000, "x");
    const send = async (line: string) => {
      const socket = await openConnection(own);
      const answer = readToEnd(socket);
      socket.write(head("POST", "/login", line));
      socket.write(line === "Transfer-Encoding: chunked" ? `${half.length.toString(16)}\r\n` : "");
      socket.write(half);
      return answer;
    };
    const lines = ["Content-Length: 10400000", "Transfer-Encoding: chunked"];
    const sendMany = (count: number, line: string) =>
      Promise.all(Array.from({ length: count }, () => send(line)));
    // The first of a kind cost what first requests cost: code is loaded and compiled.
    for (const line of lines) await sendMany(10, line);
    const before = await resident();
    let most = 0;
    const watch = setInterval(async () => {
      most = Math.max(most, await resident());
    }, 20);
    for (const line of lines) {
      const answers = await sendMany(100, line);
      expect(answers.filter((answer) => !/^(HTTP\/1\.1 413 |$)/.test(answer))).toEqual([]);
    }
    clearInterval(watch);
    expect(Math.max(most, await resident()) - before).toBeLessThan(30_000_000);
  }, 120_000);

  test("120 that announce 10 MB and wait are answered at once, and the next caller, too", async () => {
    const sockets = await Promise.all(Array.from({ length: 120 }, () => openConnection(own)));
    const answers = sockets.map(firstAnswer);
    for (const socket of sockets) socket.write(head("POST", "/login", "Content-Length: 10400000"));
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect((await browser(own).get("/login")).status).toBe(200);
  });

  test("one whose request has not arrived after 30 s is told so and ended, and none earlier", async () => {
    const started = performance.now();
    const slow: [what: string, bytes: string, answer: RegExp][] = [
      ["nothing", "", /^HTTP\/1\.1 408 /],
      ["half a head", "GET /login HTTP/1.1\r\nHost: loc", /^HTTP\/1\.1 408 /],
      ["half a body for a page", head("POST", "/login", "Content-Length: 100"), /^HTTP\/1\.1 408 /],
      [
        "half a body for the API",
        head("POST", "/api/auth/login", "Content-Length: 100"),
        /^HTTP\/1\.1 408 .*"code":"request_timeout"/s,
      ],
      ["half a chunk", `${head("POST", "/login", "Transfer-Encoding: chunked")}5\r\nab`, /^HTTP\/1\.1 408 /],
    ];
    const ends = slow.map(async ([what, bytes, expected]) => {
      const answer = await exchange(own, bytes);
      expect(answer, what).toMatch(expected);
      expect(answer, what).toMatch(/\r\nConnection: close\r\n/i);
      return performance.now() - started;
    });
    // And one that was used before.
    const socket = await openConnection(own);
    socket.write(head("GET", "/api/health/live"));
    await firstAnswer(socket);
    const again = performance.now();
    const answer = readToEnd(socket);
    socket.write("GET / HT");
    expect(await answer).toMatch(/HTTP\/1\.1 408 /);
    const times = [...(await Promise.all(ends)), performance.now() - again];
    // Node alone would look every 30 s, and be up to a minute late.
    for (const took of times) {
      expect(took).toBeGreaterThan(29_000);
      expect(took).toBeLessThan(45_000);
    }
  }, 120_000);

  test("a body that comes in pieces of one byte is one body", async () => {
    const socket = await openConnection(own);
    const type = ["Content-Type: application/json", "Connection: close"];
    socket.write(head("POST", "/api/auth/login", ...type, "Transfer-Encoding: chunked"));
    for (const byte of '{"email":1,"password":1}') socket.write(`1\r\n${byte}\r\n`);
    socket.write("0\r\n\r\n");
    const answer = await readToEnd(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/"email":.*"password":/);
  });

  test("half a body whose sender hangs up does nothing, and is no error of the server", async () => {
    for (const path of ["/login", "/sessions", "/api/auth/login"]) {
      const socket = await openConnection(own);
      socket.write(`${head("POST", path, "Content-Length: 100", "Content-Type: application/json")}{"a"`);
      const answer = readToEnd(socket);
      socket.end();
      await answer;
    }
    expect((await program(own).get("/api/health/live")).status).toBe(200);
    expect(own.lines.filter((line) => /unexpected_error|"console"/.test(line))).toEqual([]);
  });
});

describe("idle connections", () => {
  test("are kept for 75 s, longer than a load balancer keeps its own", async () => {
    for (const path of ["/login", "/api/health/live", "/api/unknown"]) {
      const { headers } = await program(server).get(path);
      expect(headers["keep-alive"]).toBe("timeout=75");
    }
  });

  test("are kept for as long as KEEP_ALIVE_MS says", async () => {
    const own = await startServer({
      databaseUrl: await freshDatabase(),
      env: { KEEP_ALIVE_MS: "2000" },
    });
    const socket = await openConnection(own);
    const ended = readToEnd(socket);
    socket.write(head("GET", "/api/health/live"));
    expect(await ended).toMatch(/^HTTP\/1\.1 200 .*\r\nKeep-Alive: timeout=2\r\n/s);
    await own.stop();
  });
});

describe("what load balancers ask", () => {
  test.each(["/", "/login", "/sessions", "/unknown", "/robots.txt", "*"])(
    "OPTIONS %s is answered",
    async (path) => {
      for (const version of ["1.0", "1.1"]) {
        const lines = [`OPTIONS ${path} HTTP/${version}`, "Connection: close"];
        const answer = await exchange(
          server,
          bytesOf(version === "1.1" ? [...lines, "Host: localhost"] : lines),
        );
        expect(answer).toMatch(/^HTTP\/1\.1 204 /);
        expect(answer).toMatch(/\r\nAllow: GET, HEAD, OPTIONS, POST\r\n/);
        expect(answer).not.toMatch(/access-control/i);
      }
    },
  );

  test.each([
    ["GET /", 200],
    ["HEAD /", 200],
    ["GET /login", 200],
    ["GET /sessions", 307],
    ["GET /api/health/live", 200],
    ["HEAD /api/health/ready", 200],
    ["OPTIONS /api/health/ready", 204],
    ["GET /.well-known/jwks.json", 200],
    ["GET /unknown", 307],
    ["GET /robots.txt", 404],
  ])("%s over HTTP/1.0 without a Host is %i", async (line, status) => {
    const answer = await exchange(server, bytesOf([`${line} HTTP/1.0`]));
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toMatch(/\r\nLocation: (?!\/login)/i);
  });
});

describe("every answer in HTML has a policy, and every answer the other headers", () => {
  test.each([
    ["/robots.txt", 404],
    ["/_next/image", 404],
    ["/_next/image?url=%2Ficon.svg&w=64&q=75", 404],
    ["/_next/static/unknown.js", 404],
    ["/_next/static/", 308],
    ["/_next/unknown", 307],
    ["/favicon.ico", 200],
    ["/icon.svg", 200],
    ["//evil.example", 308],
    ["/%zz", 307],
    ["/login/", 308],
    ["/api", 307],
    ["/404", 307],
    ["/500", 307],
    ["/_error", 307],
  ])("%s (%i)", async (path, status) => {
    const answer = await program(server).get(path);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(answer.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "strict-origin-when-cross-origin",
    });
  });

  test("a POST to what only GET is for", async () => {
    for (const path of ["/_next/static/chunks/x.js", "/icon.svg", "/favicon.ico"]) {
      const { status, headers } = await browser(server).post(path, { body: "x" });
      expect(status).toBeLessThan(500);
      expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    }
  });
});

test("a problem of the API that the front door tells is one like any other", async () => {
  const answer = await program(server).post("/api/auth/verify", { body: "x".repeat(20_000) });
  expectProblem(answer, "content_too_large");
  const coded = await program(server).post("/api/auth/login", {
    body: "x",
    headers: { "content-encoding": "gzip" },
  });
  expectProblem(coded, "unsupported_media_type");
});
