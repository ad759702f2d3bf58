import "server-only";
import { createHash, timingSafeEqual } from "node:crypto";
import { databaseCanWrite } from "@/lib/db";
import { env } from "@/lib/env";
import { Problem } from "@/lib/errors";
import { readMetrics } from "@/lib/metrics";
import { publicJwk } from "@/lib/token/keys";
import { credentialOf } from "./credential";

// What every server of this project tells about itself, the app and the verifier alike.

type Headers = Pick<globalThis.Headers, "get">;

const NO_STORE = { "Cache-Control": "no-store" };

/** The process answers. It asks nothing else, so that an orchestrator does not restart servers over a database. */
export function liveness(): Response {
  return Response.json({ status: "ok" }, { headers: NO_STORE });
}

/** This process can write to the database, too: it may get traffic. */
export async function readiness(): Promise<Response> {
  const ready = await databaseCanWrite();
  const headers = { ...NO_STORE, ...(ready ? {} : { "Retry-After": "1" }) };
  return Response.json({ status: ready ? "ok" : "unavailable" }, { status: ready ? 200 : 503, headers });
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** The metrics for Prometheus. Off without `METRICS_TOKEN`, which the scraper shows as a Bearer token. Throws problems. */
export async function metricsFor(headers: Headers): Promise<Response> {
  const { metricsToken } = env();
  if (metricsToken === null) throw new Problem("not_found");
  const credential = credentialOf(headers);
  if (credential?.form !== "bearer") throw new Problem("missing_token");
  if (!timingSafeEqual(digest(credential.value), digest(metricsToken))) throw new Problem("invalid_token");
  const { text, type } = await readMetrics();
  return new Response(text, { headers: { ...NO_STORE, "Content-Type": type } });
}

/** The public keys (RFC 7517), for services that check tokens themselves. Symmetric keys are never shown. */
export function keySetFor(headers: Headers): Response {
  const body = JSON.stringify({
    keys: env()
      .tokenKeys.map(publicJwk)
      .filter((key) => key !== null),
  });
  const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  const answer = {
    "Content-Type": "application/jwk-set+json",
    "Cache-Control": "public, max-age=300",
    ETag: etag,
  };
  const known = headers
    .get("if-none-match")
    ?.split(",")
    .map((each) => each.trim().replace(/^W\//, ""));
  if (known?.some((each) => each === etag || each === "*"))
    return new Response(null, { status: 304, headers: answer });
  return new Response(body, { headers: answer });
}
