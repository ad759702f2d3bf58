import "server-only";
import { z } from "zod";
import { ANSWERS } from "@/app/api/auth/answers";
import { THEMES } from "@/lib/theme";
import type { Paths } from "./operation";
import { SEE_OTHER } from "./sessions";

const status = (value: string) => z.object({ status: z.literal(value) });

/** For services, operators and the pages themselves. */
export const SERVICES: Paths = {
  "/api/auth/introspect": {
    post: {
      id: "introspect",
      summary: "Token introspection (RFC 7662), for the clients of INTROSPECTION_CLIENTS.",
      caller: "client",
      form: z.object({ token: z.string(), token_type_hint: z.string().optional() }),
      answers: {
        200: { description: "What the token says, or that it is not alive.", schema: ANSWERS.introspected },
        401: {
          description: "Not one of the clients (RFC 6749, 5.2).",
          schema: z.object({ error: z.literal("invalid_client") }),
          headers: { "WWW-Authenticate": "Basic (RFC 7617)." },
        },
      },
      problems: ["not_found"],
    },
  },
  "/.well-known/jwks.json": {
    get: {
      id: "getKeySet",
      summary: "The public keys (RFC 7517).",
      caller: "anybody",
      answers: {
        200: {
          description: "The key set.",
          type: "application/jwk-set+json",
          schema: z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) }),
          headers: { ETag: "Names this set (RFC 9110, 8.8.3)." },
        },
        304: { description: "The set that the caller has." },
      },
    },
  },
  "/.well-known/oauth-authorization-server": {
    get: {
      id: "getMetadata",
      summary: "Where things are (RFC 8414).",
      caller: "anybody",
      answers: {
        200: { description: "The metadata.", schema: z.looseObject({ issuer: z.url(), jwks_uri: z.url() }) },
      },
    },
  },
  "/api/openapi.json": {
    get: {
      id: "getOpenApi",
      summary: "This document.",
      caller: "anybody",
      answers: { 200: { description: "OpenAPI 3.1.", schema: z.looseObject({ openapi: z.string() }) } },
    },
  },
  "/api/health/live": {
    get: {
      id: "isLive",
      summary: "The process answers.",
      caller: "anybody",
      answers: { 200: { description: "It does.", schema: status("ok") } },
    },
  },
  "/api/health/ready": {
    get: {
      id: "isReady",
      summary: "This instance can write to the database.",
      caller: "anybody",
      answers: {
        200: { description: "It can.", schema: status("ok") },
        503: {
          description: "It cannot.",
          schema: status("unavailable"),
          headers: { "Retry-After": "Seconds until it may be tried again." },
        },
      },
    },
  },
  "/api/metrics": {
    get: {
      id: "getMetrics",
      summary: "The metrics for Prometheus, with METRICS_TOKEN.",
      caller: "scraper",
      answers: { 200: { description: "The metrics.", type: "text/plain" } },
      problems: ["not_found", "missing_token", "invalid_token"],
    },
  },
  "/api/theme": {
    post: {
      id: "setTheme",
      summary: "Remember the theme that somebody chose in a page.",
      caller: "anybody",
      form: z.object({ theme: z.enum(THEMES) }),
      answers: { 303: SEE_OTHER },
    },
  },
};
