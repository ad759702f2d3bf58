import "server-only";
import { z } from "zod";
import { PROBLEMS, type ProblemCode } from "@/lib/errors";

// The words of OpenAPI 3.1 for one route and method. What is the same for many of them stands here once.

/** Who may call: with a session, with HTTP Basic, or with the token of the metrics. */
export type Caller = "anybody" | "session" | "client" | "scraper";

export type Operation = {
  /** What clients that are made of the document call it. */
  id: string;
  summary: string;
  caller: Caller;
  /** Whether it needs a recent proof of identity (RFC 9470). */
  isGuarded?: boolean;
  /** Whether a page of another site may call it with the cookie of this one. */
  isForEverySite?: boolean;
  query?: z.ZodObject;
  json?: z.ZodType;
  form?: z.ZodType;
  answers: Record<number, Answer>;
  /** Besides those that every route of this kind has. */
  problems?: ProblemCode[];
};

/** An answer that is no problem. `schema` as `application/json`, unless `type` says otherwise; neither means no body. */
export type Answer = {
  description: string;
  schema?: z.ZodType;
  type?: string;
  headers?: Record<string, string>;
};

/** Header fields of answers, and what each is for. */
export const FIELDS = {
  location: { Location: "A path of this site." },
  signedIn: { "Set-Cookie": "The cookie of the session, for a caller who uses cookies." },
  signedOut: {
    "Set-Cookie": "Takes the cookie back, where the session that ended is the caller’s and came in one.",
    "Clear-Site-Data": "Clears what the browser has cached, likewise.",
  },
  etag: { ETag: "Names this set (RFC 9110, 8.8.3)." },
  wait: { "Retry-After": "Seconds until it may be tried again." },
} as const satisfies Record<string, Record<string, string>>;

export type Method = "get" | "post" | "put" | "patch" | "delete";
export type Paths = Record<string, Partial<Record<Method, Operation>>>;

type Json = Record<string, unknown>;
type Responses = Record<string, { content?: Json }>;

const NOT_SIGNED_IN: ProblemCode[] = [
  "missing_token",
  "invalid_token",
  "token_expired",
  "session_ended",
  "account_disabled",
];

const SECURITY: Record<Caller, Json[]> = {
  anybody: [],
  session: [{ bearer: [] }, { cookie: [] }],
  client: [{ basic: [] }],
  scraper: [{ bearer: [] }],
};

/** The schema of a value as it is sent (`input`) or answered (`output`), in JSON Schema 2020-12. */
function jsonSchema(schema: z.ZodType, io: "input" | "output", components: Json): Json {
  const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json;
  Object.assign(components, $defs);
  return rest;
}

/** What OpenAPI says of an operation. Named schemas are put into `components`. */
export function describe(method: Method, path: string, operation: Operation, components: Json): Json {
  const { summary, caller, query, json, form } = operation;
  const body = json ?? form;
  return {
    operationId: operation.id,
    summary,
    security: SECURITY[caller],
    parameters: [...pathParameters(path), ...(query ? queryParameters(query, components) : [])],
    ...(body && {
      requestBody: {
        required: true,
        content: {
          ...(json && { "application/json": { schema: jsonSchema(json, "input", components) } }),
          ...(form && {
            "application/x-www-form-urlencoded": { schema: jsonSchema(form, "input", components) },
          }),
        },
      },
    }),
    responses: merged(problems(method, operation), successes(operation, components)),
  };
}

/** The answers of both by their status; one that both have may be either. */
function merged(problems: Responses, successes: Responses): Responses {
  const both = Object.entries(successes).map(([status, success]) => {
    const problem = problems[status];
    if (!problem) return [status, success];
    return [status, { ...problem, ...success, content: { ...problem.content, ...success.content } }];
  });
  return { ...problems, ...Object.fromEntries(both) };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", format: "uuid" },
  }));
}

function queryParameters(query: z.ZodObject, components: Json): Json[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema: jsonSchema(schema as z.ZodType, "input", components),
  }));
}

function successes({ answers }: Operation, components: Json): Responses {
  const described = Object.entries(answers).map(([status, { description, schema, type, headers }]) => [
    status,
    {
      description,
      ...(headers && { headers: headersOf(headers) }),
      ...((schema || type) && {
        content: {
          [type ?? "application/json"]: {
            schema: schema ? jsonSchema(schema, "output", components) : { type: "string" },
          },
        },
      }),
    },
  ]);
  return Object.fromEntries(described);
}

function headersOf(headers: Record<string, string>): Json {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  );
}

/** The problems of an operation by their status, each with the codes that it can have (RFC 9457). */
function problems(
  method: Method,
  { caller, isGuarded, isForEverySite, query, json, form, problems = [] }: Operation,
): Responses {
  const body = json ?? form;
  const codes = new Set<ProblemCode>([
    ...problems,
    ...(body || query ? (["invalid_request"] as const) : []),
    ...(caller === "session" ? NOT_SIGNED_IN : []),
    ...(isGuarded ? (["insufficient_user_authentication"] as const) : []),
    ...(method !== "get" && !isForEverySite && (caller === "session" || form)
      ? (["cross_site_request"] as const)
      : []),
    // Any request may have a body, in any coding.
    "unsupported_media_type",
    "request_timeout",
    "content_too_large",
    "internal_error",
    "unavailable",
  ]);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, those]) => [status, problemOf(status, those)]));
}

const PROBE = { "Set-Cookie": "Asks again whether the browser takes cookies." };
const CHALLENGE = { "WWW-Authenticate": "The scheme, and what is wrong (RFC 6750, 3; RFC 9470, 3)." };

function problemOf(status: number, codes: ProblemCode[]): Json {
  const headers = {
    ...(status === 401 && CHALLENGE),
    ...((status === 429 || status === 503) && FIELDS.wait),
    ...(codes.includes("cookies_needed") && PROBE),
  };
  return {
    description: codes.map((code) => PROBLEMS[code].title).join(" "),
    ...(Object.keys(headers).length > 0 && { headers: headersOf(headers) }),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: codes } } }],
        },
      },
    },
  };
}
