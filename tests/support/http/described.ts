import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Answer } from "./client";

// Holds every answer that the tests see against docs/openapi.json: an undescribed status, header field, type or body fails the test.

type Described = { content?: Record<string, { schema: unknown }>; headers?: Record<string, unknown> };
type Seen = Pick<Answer, "status" | "headers" | "text">;
type Operation = { responses: Record<string, Described> };

const FILE = join(import.meta.dirname, "..", "..", "..", "docs", "openapi.json");

const document = JSON.parse(readFileSync(FILE, "utf8")) as {
  paths: Record<string, Record<string, Operation>>;
};

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(document, "openapi");

const patterns = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
}));

/** Those that a path may have; what is none of them is refused in one way or another. */
const METHODS = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);

/** Header fields that any answer may have: those of HTTP itself, and those that tests/http/headers.test.ts looks at. */
const GENERAL = new Set([
  "cache-control",
  "connection",
  "content-length",
  "content-security-policy",
  "content-type",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "date",
  "keep-alive",
  "permissions-policy",
  "referrer-policy",
  "strict-transport-security",
  "transfer-encoding",
  "vary",
  "x-content-type-options",
  "x-frame-options",
]);

const validators = new Map<string, ValidateFunction>();

/** The check of a body, by where its schema stands in the document (RFC 6901). */
function validatorOf(...steps: string[]): ValidateFunction {
  const pointer = steps
    .map((step) => step.replaceAll("~", "~0").replaceAll("/", "~1"))
    .map(encodeURIComponent);
  const $ref = `openapi#/${pointer.join("/")}`;
  const known = validators.get($ref) ?? ajv.compile({ $ref });
  validators.set($ref, known);
  return known;
}

/** What is wrong with an answer, or null. Answers to paths outside the API are not checked. */
function complaintAbout(method: string, path: string, { status, headers, text }: Seen): string | null {
  const { pathname } = new URL(path, "http://localhost");
  const found = patterns.find(({ pattern }) => pattern.test(pathname));
  if (!found) {
    const isOfApi = /^\/(api|\.well-known)\//.test(pathname);
    return isOfApi && status < 300 && method !== "OPTIONS" ? "there is no such path" : null;
  }
  const operations = document.paths[found.path] ?? {};
  const name = method === "HEAD" ? "get" : method.toLowerCase();
  const operation = operations[name];
  if (!operation && !METHODS.has(method)) return status < 300 ? "there is no such method" : null;
  if (!operation) {
    const expected = method === "OPTIONS" ? 204 : 405;
    return status === expected || status === 413 ? null : `an undescribed method must be ${expected}`;
  }
  const described = operation.responses[status];
  if (!described) return "this status is not described";
  const names = Object.keys(described.headers ?? {}).map((each) => each.toLowerCase());
  const strange = Object.keys(headers).filter((each) => !names.includes(each) && !GENERAL.has(each));
  if (strange.length > 0) return `a header field is not described: ${strange.join(", ")}`;
  const type = headers["content-type"]?.split(";", 1)[0] ?? "";
  if (!described.content || method === "HEAD") return text === "" ? null : "there must be no body";
  if (!described.content[type]) return `${type || "no media type"} is not described`;
  if (!/[/+]json$/.test(type)) return null;
  const isValid = validatorOf(
    "paths",
    found.path,
    name,
    "responses",
    String(status),
    "content",
    type,
    "schema",
  );
  return isValid(JSON.parse(text)) ? null : ajv.errorsText(isValid.errors);
}

/** Throws where an answer is none that docs/openapi.json has. */
export function expectDescribed(method: string, path: string, answer: Seen): void {
  const complaint = complaintAbout(method, path, answer);
  if (!complaint) return;
  const shown = answer.text.slice(0, 500);
  throw new Error(
    `${method} ${path} answered ${answer.status}, which docs/openapi.json does not have: ${complaint}.\n${shown}`,
  );
}
