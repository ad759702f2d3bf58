import { connection } from "next/server";
import { env } from "@/lib/env";
import { otherMethods } from "@/lib/http/route";

/** Where things are, for clients that read it (RFC 8414). It issues tokens to its own login only, so it has no grants. */
export async function GET(): Promise<Response> {
  await connection();
  const { publicOrigin, introspectionClients } = env();
  const introspection = {
    introspection_endpoint: `${publicOrigin}/api/auth/introspect`,
    introspection_endpoint_auth_methods_supported: ["client_secret_basic"],
  };
  const metadata = {
    issuer: publicOrigin,
    jwks_uri: `${publicOrigin}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
    ...(introspectionClients.size > 0 ? introspection : {}),
  };
  return Response.json(metadata, { headers: { "Cache-Control": "public, max-age=300" } });
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
