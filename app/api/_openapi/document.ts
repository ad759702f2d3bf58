import "server-only";
import { z } from "zod";
import { PROBLEMS, type ProblemCode } from "@/lib/errors";
import { ACCOUNT } from "./account";
import { describe, type Method, type Paths } from "./operation";
import { SERVICES, VERIFIER } from "./services";
import { SESSIONS } from "./sessions";
import { YOURS } from "./yours";

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string().optional(),
    errors: z.record(z.string(), z.array(z.string())).optional(),
  })
  .describe("An error (RFC 9457). `code` is stable; `errors` has messages by field.");

const THE_VERIFIER = { url: "http://localhost:3001", description: "`npm run verifier`" };

/** Every route with its methods. */
export const PATHS: Paths = { ...SESSIONS, ...ACCOUNT, ...SERVICES, ...YOURS };

/** The API in OpenAPI 3.1, made of the schemas that validate. `docs/openapi.json` is this. */
export function openApiDocument(): Record<string, unknown> {
  const { $schema: _, ...problemSchema } = z.toJSONSchema(problem);
  const schemas: Record<string, unknown> = { Problem: problemSchema };
  const pathItem = (path: string, methods: Paths[string]) =>
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [
        method,
        describe(method as Method, path, operation, schemas),
      ]),
    );
  const ofApp = Object.entries(PATHS).map(([path, methods]) => [path, pathItem(path, methods)]);
  const ofVerifier = Object.entries(VERIFIER).map(([path, methods]) => [
    path,
    { servers: [THE_VERIFIER], ...pathItem(path, methods) },
  ]);
  const document = {
    openapi: "3.1.0",
    info: {
      title: "Revocable sessions",
      version: "1",
      description:
        "Sign-in, sessions and their revocation. HEAD is as GET, without the body. A method that a path does not have is 405, " +
        "with `Allow`.",
    },
    servers: [{ url: "/" }],
    paths: Object.fromEntries([...ofApp, ...ofVerifier]),
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-session",
          description:
            "`session` on plain-http localhost. Unsafe methods must come from a page of this site.",
        },
        basic: { type: "http", scheme: "basic" },
      },
    },
  };
  // Where zod puts what has a name is not where OpenAPI looks for it.
  return JSON.parse(JSON.stringify(document).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
