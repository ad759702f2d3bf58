import { Readable } from "node:stream";
import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { within } from "../support/http/timing";
import { PASSWORD } from "../support/people/people";
import { newVisitor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const JSON_BODY = JSON.stringify({ email: "a@b.example", password: PASSWORD });
const LIMIT = 16 * 1024;

/** Every route that reads a body, as somebody who may. */
const ROUTES: [
  string,
  (
    type: Record<string, string>,
    body: string | Buffer | Readable,
  ) => Promise<Awaited<ReturnType<ReturnType<typeof program>["post"]>>>,
][] = [
  ["login", (headers, body) => program(server).post("/api/auth/login", { headers, body })],
  ["signup", (headers, body) => program(server).post("/api/auth/signup", { headers, body })],
  [
    "naming a session",
    async (headers, body) => {
      const { row, program: caller } = await newVisitor(server, db);
      return caller.patch(`/api/auth/sessions/${row.id}`, { headers, body });
    },
  ],
];

describe.each(ROUTES)("%s", (_, send) => {
  // What a plain form of another site can send, or a parser could be confused by.
  test.each([
    ["text/plain"],
    ["text/plain;charset=UTF-8"],
    ["multipart/form-data; boundary=x"],
    ["application/json; charset=utf-16"],
    ["application/jsonx"],
    ["text/json"],
    ["application/ld+json"],
    ["application/xml"],
    ["x"],
    [""],
  ])("with the media type %j: 415", async (type) => {
    expectProblem(await send({ "content-type": type }, JSON_BODY), "unsupported_media_type");
  });

  test("with no media type: 415", async () => {
    expectProblem(await send({}, JSON_BODY), "unsupported_media_type");
  });

  const JSON_TYPE = { "content-type": "application/json" };

  test("with 16 KiB: read. With a byte more: 413", async () => {
    const fits = await send(JSON_TYPE, " ".repeat(LIMIT));
    expectProblem(fits, "invalid_request", ["body"]);
    expectProblem(await send(JSON_TYPE, " ".repeat(LIMIT + 1)), "content_too_large");
  });

  test("with more than 16 KiB in chunks, without a length: 413", async () => {
    const chunks = Array.from({ length: 20 }, () => Buffer.alloc(1_024, " "));
    expectProblem(
      await send({ ...JSON_TYPE, "transfer-encoding": "chunked" }, Readable.from(chunks)),
      "content_too_large",
    );
  });

  test("with 1 MB: 413, at once", async () => {
    const startedAt = performance.now();
    const answer = await send(JSON_TYPE, "x".repeat(1_000_000));
    expectProblem(answer, "content_too_large");
    expect(answer.headers.connection).toBe("close");
    expect(performance.now() - startedAt).toBeLessThan(within(2_000));
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a word", "undefined"],
    ["two values", "{}{}"],
    ["a mark of byte order alone", "\ufeff"],
    ["a list", "[]"],
    ["null", "null"],
    ["a number", "1"],
    ["a text", '"x"'],
    ["brackets without end", "[".repeat(5_000)],
  ])("with %s: 400", async (_what, body) => {
    const answer = await send(JSON_TYPE, body);
    expect(answer.json()).toMatchObject({ code: "invalid_request", status: 400 });
  });

  test("with bytes that are not UTF-8: 400", async () => {
    expectProblem(await send(JSON_TYPE, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), "invalid_request", ["body"]);
  });
});

describe("members that stand twice", () => {
  test("in JSON: 400 that names the member", async () => {
    const twice = '{"email":"a@b.example","password":"x","password":"y"}';
    const headers = { "content-type": "application/json" };
    expectProblem(
      await program(server).post("/api/auth/login", { body: twice, headers }),
      "invalid_request",
      ["password"],
    );
    const { row, program: caller } = await newVisitor(server, db);
    const path = `/api/auth/sessions/${row.id}`;
    expectProblem(await caller.patch(path, { body: '{"name":"a","name":"b"}', headers }), "invalid_request", [
      "name",
    ]);
  });

  test("in a form: 400 too, since no form of ours sends that", async () => {
    const form = "email=a@b.example&email=c@d.example&password=x";
    expectProblem(await browser(server).post("/api/auth/login", { form }), "invalid_request", ["email"]);
  });
});

test("a form whose letters are not UTF-8: 400, since they would all be the same", async () => {
  const form = "email=a%40b.example&password=fourteen+purple+umbrellas%ff";
  expectProblem(await browser(server).post("/api/auth/login", { form }), "invalid_request", ["body"]);
});

test("of an address that is too long only that is said: no pattern is tried on it", async () => {
  const json = { email: `a@${".".repeat(15_000)}@`, password: "x" };
  const answer = await program(server).post("/api/auth/login", { json });
  expect(answer.json()).toMatchObject({ errors: { email: ["This email address is too long."] } });
});

test.each(["/api/auth/verify", "/api/auth/logout", "/api/auth/logout-others", "/api/auth/receipt"])(
  "more than 16 KiB for %s, which reads no body: 413, and nothing happens",
  async (path) => {
    const { program: caller } = await newVisitor(server, db);
    expectProblem(await caller.post(path, { body: "x".repeat(16_385) }), "content_too_large");
    expect((await caller.get("/api/auth/verify")).status).toBe(200);
  },
);

test("a form that is too long: 413", async () => {
  const form = { email: "x".repeat(20_000), password: "x" };
  expectProblem(await browser(server).post("/api/auth/login", { form }), "content_too_large");
});
