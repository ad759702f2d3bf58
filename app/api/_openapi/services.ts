import "server-only";
import { z } from "zod";
import { ANSWERS } from "@/app/api/auth/answers";
import { THEMES } from "@/lib/theme";
import { FIELDS, type Operation, type Paths } from "./operation";
import { verifying } from "./sessions";

const status = (value: string) => z.object({ status: z.literal(value) });

const introspect = (id: string): Operation => ({
  id,
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
});

const live = (id: string): Operation => ({
  id,
  summary: "The process answers.",
  caller: "anybody",
  answers: { 200: { description: "It does.", schema: status("ok") } },
});

const ready = (id: string): Operation => ({
  id,
  summary: "This instance can write to the database.",
  caller: "anybody",
  answers: {
    200: { description: "It can.", schema: status("ok") },
    503: {
      description: "It cannot.",
      schema: status("unavailable"),
      headers: FIELDS.wait,
    },
  },
});

const metrics = (id: string): Operation => ({
  id,
  summary: "The metrics for Prometheus, with METRICS_TOKEN.",
  caller: "scraper",
  answers: { 200: { description: "The metrics.", type: "text/plain" } },
  problems: ["not_found", "missing_token", "invalid_token"],
});

/** For services, operators and the pages themselves. */
export const SERVICES: Paths = {
  "/api/auth/introspect": { post: introspect("introspect") },
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
          headers: FIELDS.etag,
        },
        304: { description: "The set that the caller has.", headers: FIELDS.etag },
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
  "/api/health/live": { get: live("isLive") },
  "/api/health/ready": { get: ready("isReady") },
  "/api/metrics": { get: metrics("getMetrics") },
  "/api/theme": {
    post: {
      id: "setTheme",
      summary: "Remember the theme that somebody chose in a page.",
      caller: "anybody",
      form: z.object({ theme: z.enum(THEMES) }),
      answers: {
        303: {
          description: "Back to the page.",
          headers: { ...FIELDS.location, "Set-Cookie": "The theme." },
        },
      },
    },
  },
};

const IDENTITY = {
  "X-Auth-User": "The id of the account.",
  "X-Auth-Session": "The id of the session.",
  "X-Auth-Email": "The email, as percent-encoded UTF-8.",
  "X-Auth-Role": "The role.",
};

const forwarding = (id: string): Operation => ({
  id,
  summary: "Forward authentication for gateways, by any method: who the caller is, in header fields.",
  caller: "session",
  isForEverySite: true,
  query: z.object({ redirect: z.string().optional().describe("A browser is sent to sign in.") }),
  answers: {
    200: { description: "Let the request pass, with these fields.", headers: IDENTITY },
    302: { description: "Where to sign in.", headers: { Location: "An address of the app." } },
  },
});

/** What the verifier serves, at an address of its own; besides, it has the key set of the app. */
export const VERIFIER: Paths = {
  "/verify": {
    get: verifying(
      "check",
      "Whether the caller’s token is alive, and whose it is: `/api/auth/verify`, byte for byte.",
    ),
    post: verifying("checkByPost", "The same as GET."),
  },
  "/forward": {
    get: forwarding("forward"),
    post: forwarding("forwardPost"),
    put: forwarding("forwardPut"),
    patch: forwarding("forwardPatch"),
    delete: forwarding("forwardDelete"),
  },
  "/introspect": { post: introspect("introspectAtVerifier") },
  "/health/live": { get: live("verifierIsLive") },
  "/health/ready": { get: ready("verifierIsReady") },
  "/metrics": { get: metrics("getMetricsOfVerifier") },
};
