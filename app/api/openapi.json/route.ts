import { openApiDocument } from "@/app/api/_openapi/document";
import { otherMethods } from "@/lib/http/route";

const document = JSON.stringify(openApiDocument());

export const dynamic = "force-dynamic";

/** The API in OpenAPI 3.1. */
export function GET(): Response {
  const headers = { "Content-Type": "application/json", "Cache-Control": "public, max-age=300" };
  return new Response(document, { headers });
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
