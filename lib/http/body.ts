import "server-only";
import type { z } from "zod";
import { type FieldErrors, Problem } from "@/lib/errors";

/** Largest request body that the API takes, in bytes. The front door refuses longer ones before anybody reads them. */
export const MAX_BODY = 16 * 1024;

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

/** Which of the two body types a request has. Throws `unsupported_media_type` for any other, and for none. */
export function bodyType(headers: Headers): "json" | "form" {
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") throw new Problem("unsupported_media_type");
  const [type = "", ...parameters] = (headers.get("content-type") ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const foreignCharset = parameters.some(
    (part) => /^charset\s*=/.test(part) && !/^charset="?utf-?8"?$/.test(part),
  );
  if (type === JSON_TYPE && !foreignCharset) return "json";
  if (type === FORM_TYPE && !foreignCharset) return "form";
  throw new Problem("unsupported_media_type");
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Counted once more, for servers without our front door.
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY) throw new Problem("content_too_large");
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw invalid("body", "The body is not UTF-8.");
  }
}

function invalid(field: string, message: string): Problem {
  return new Problem("invalid_request", { errors: { [field]: [message] } });
}

/** The first member name that stands twice in the outermost object of valid JSON: `JSON.parse` hides repetitions. */
function repeatedMember(json: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  let last = "";
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/gs)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (token !== ":") last = token;
    else if (depth === 1) {
      const name: string = JSON.parse(last);
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return null;
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("body", "The body is not JSON.");
  }
  const repeated = repeatedMember(text);
  if (repeated !== null) throw invalid(repeated, "This member stands twice.");
  return value;
}

function parseForm(text: string): Record<string, string> {
  try {
    // URLSearchParams would replace everything that is not UTF-8 by the same character.
    decodeURIComponent(text);
  } catch {
    throw invalid("body", "The form is not encoded as UTF-8.");
  }
  const form = new URLSearchParams(text);
  for (const name of new Set(form.keys())) {
    if (form.getAll(name).length > 1) throw invalid(name, "This field was sent twice.");
  }
  return Object.fromEntries(form);
}

/** Reads a JSON body and checks it. Throws the problems of the contract; never another error. */
export async function readJson<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  if (bodyType(request.headers) !== "json") throw new Problem("unsupported_media_type");
  return check(parseJson(await readText(request)), schema);
}

/** The fields of a form, unchecked but each at most once. Throws the problems of the contract. */
export async function readForm(request: Request): Promise<Record<string, string>> {
  return parseForm(await readText(request));
}

/** The query of a request, each parameter at most once, checked. Throws `invalid_request`. */
export function readQuery<T>(request: Request, schema: z.ZodType<T>): T {
  return check(parseForm(new URL(request.url).search.slice(1)), schema);
}

/** Checks a value against a schema. Throws `invalid_request` with the messages by field. */
export function check<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Problem("invalid_request", { errors: fieldErrors(parsed.error) });
  return parsed.data;
}

function fieldErrors(error: z.ZodError): FieldErrors {
  const errors = new Map<string, string[]>();
  for (const issue of error.issues) {
    const names = issue.code === "unrecognized_keys" ? issue.keys : [String(issue.path[0] ?? "body")];
    for (const name of names) {
      const message = issue.code === "unrecognized_keys" ? "This member is not known here." : issue.message;
      errors.set(name, [...(errors.get(name) ?? []), message]);
    }
  }
  return Object.fromEntries(errors);
}
