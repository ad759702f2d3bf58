import { describe, expect, test } from "vitest";
import { z } from "zod";
import { bodyType, MAX_BODY, readForm, readJson } from "@/lib/http/body";

const schema = z.strictObject({ name: z.string(), more: z.unknown().optional() });

function post(body: BodyInit, type: string | null = "application/json"): Request {
  const headers = new Headers(type === null ? {} : { "content-type": type });
  const streaming = body instanceof ReadableStream ? { duplex: "half" } : {};
  const request = new Request("http://a.invalid", {
    method: "POST",
    body,
    headers,
    ...streaming,
  } as RequestInit);
  if (type === null) request.headers.delete("content-type");
  return request;
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "taken",
    (error: unknown) => (error as { code: string }).code,
  );

describe("bodyType", () => {
  test.each([
    ["application/json", "json"],
    ["APPLICATION/JSON", "json"],
    ["application/json; charset=utf-8", "json"],
    ['application/json;charset="UTF-8"', "json"],
    ["application/x-www-form-urlencoded", "form"],
    ["application/x-www-form-urlencoded; charset=UTF8", "form"],
  ])("%s is %s", (type, expected) => {
    expect(bodyType(new Headers({ "content-type": type }))).toBe(expected);
  });
  test.each([
    "",
    "text/plain",
    "text/json",
    "application/jsonx",
    "application/json2",
    "application/ld+json",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "multipart/form-data; boundary=x",
    "application/json, text/plain",
    "text/plain; application/json",
    "*/*",
  ])("%j is refused", (type) => {
    expect(() => bodyType(new Headers({ "content-type": type }))).toThrow("media type");
  });
});

describe("readJson", () => {
  test("gives what was sent", async () => {
    expect(await readJson(post('{"name":"Ada"}'), schema)).toEqual({ name: "Ada" });
  });

  test("a member named __proto__ is unknown, and changes nothing", async () => {
    expect(await codeOf(readJson(post('{"name":"Ada","__proto__":{"role":"admin"}}'), schema))).toBe(
      "invalid_request",
    );
    expect({}).not.toHaveProperty("role");
  });

  test.each([
    ['{"name":"a","name":"b"}', "the same name"],
    ['{"name":"a","n\\u0061me":"b"}', "the same name in escapes"],
    ['{"name":"a" , "more":[1,{"x":[]}], "name" : "b"}', "the same name after others"],
    ['{"name":"{","name":"b"}', "a brace in a text"],
    ['{"name":"\\"","name":"b"}', "a quote in a text"],
    ['{"name":"\\\\","name":"b"}', "a backslash in a text"],
  ])("a member that stands twice is refused: %s (%s)", async (json) => {
    const error = await readJson(post(json), schema).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "invalid_request", errors: { name: ["This member stands twice."] } });
  });

  test.each([
    '{"name":"name"}',
    '{"name":"a","more":{"name":"b"}}',
    '{"more":{"name":"a","x":{"name":1}},"name":"b"}',
    '{"name":"\\"name\\":"}',
    '{"more":["name","name"],"name":"a"}',
  ])("a name that only seems to stand twice is taken: %s", async (json) => {
    expect(await codeOf(readJson(post(json), schema))).toBe("taken");
  });

  test.each(["", " ", "{", '{"name":}', "undefined", "name=Ada", "\ufeff", '{"name":"a"}x', "[1,2"])(
    "%j is no JSON",
    async (text) => {
      expect(await codeOf(readJson(post(text), schema))).toBe("invalid_request");
    },
  );

  test.each(["null", "[]", "1", '"x"', "true", "{}", '{"name":1}', '{"name":null}', '{"name":"a","x":1}'])(
    "%s is not what was asked for",
    async (text) => {
      expect(await codeOf(readJson(post(text), schema))).toBe("invalid_request");
    },
  );

  test("bytes that are not UTF-8 are refused", async () => {
    expect(await codeOf(readJson(post(Buffer.from([0x7b, 0xff, 0x7d])), schema))).toBe("invalid_request");
  });

  test("brackets a thousand deep do no harm", async () => {
    const deep = `{"name":"a","more":${"[".repeat(1_000)}${"]".repeat(1_000)}}`;
    expect(await codeOf(readJson(post(deep), schema))).toBe("taken");
  });
});

describe("the limit of 16 KiB", () => {
  const sized = (size: number) => `{"name":"${"x".repeat(size - 11)}"}`;

  test("the last byte that is allowed is allowed", async () => {
    expect(sized(MAX_BODY)).toHaveLength(MAX_BODY);
    expect(await codeOf(readJson(post(sized(MAX_BODY)), schema))).toBe("taken");
    expect(await codeOf(readJson(post(sized(MAX_BODY + 1)), schema))).toBe("content_too_large");
  });

  test("holds where no length is told, and the rest is not read", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1_024).fill(32));
      },
    });
    expect(await codeOf(readJson(post(endless), schema))).toBe("content_too_large");
    expect(pulled).toBeLessThan(30);
  });
});

describe("readForm", () => {
  const form = (text: string) => readForm(post(text, "application/x-www-form-urlencoded"));

  test("gives the fields", async () => {
    expect(await form("email=a%40b.c&name=Ada+L")).toEqual({ email: "a@b.c", name: "Ada L" });
  });

  test("a field that was sent twice is refused", async () => {
    expect(await codeOf(form("email=a&name=b&email=c"))).toBe("invalid_request");
    expect(await codeOf(form("email=a&%65mail=c"))).toBe("invalid_request");
  });
});
