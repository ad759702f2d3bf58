import { createHash } from "node:crypto";
import { connection } from "next/server";
import { env } from "@/lib/env";
import { otherMethods } from "@/lib/http/route";
import { publicJwk } from "@/lib/token/keys";

/** The public keys (RFC 7517), for services that check tokens themselves. Symmetric keys are never shown. */
export async function GET(request: Request): Promise<Response> {
  await connection();
  const body = JSON.stringify({
    keys: env()
      .tokenKeys.map(publicJwk)
      .filter((key) => key !== null),
  });
  const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  const headers = {
    "Content-Type": "application/jwk-set+json",
    "Cache-Control": "public, max-age=300",
    ETag: etag,
  };
  const known = request.headers
    .get("if-none-match")
    ?.split(",")
    .map((each) => each.trim().replace(/^W\//, ""));
  if (known?.some((each) => each === etag || each === "*"))
    return new Response(null, { status: 304, headers });
  return new Response(body, { headers });
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
