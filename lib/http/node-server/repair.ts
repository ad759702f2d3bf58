import "server-only";
import type { IncomingMessage } from "node:http";
import { env } from "@/lib/env";
import { isOwnOrigin } from "@/lib/http/origin";
import { dropNextHeaders } from "./next-headers";

/** Rewrites what Next would answer with 500, or would trust although any client can send it. */
export function repair(request: IncomingMessage): void {
  request.url = target(request.url ?? "/");
  // Node's `Request` refuses TRACE. Under any other name it is just an unknown method.
  if (request.method === "TRACE") request.method = "X-TRACE";
  const { headers } = request;
  // A page of ours without a referrer sends this. Next would take it for another site.
  if (headers.origin === "null" && headers["sec-fetch-site"] === "same-origin") delete headers.origin;
  if (env().production) dropNextHeaders(request);
  tellHost(headers);
}

/** The target of a request as a path that can be decoded (RFC 9112, 3.2). */
function target(text: string): string {
  // Servers must also accept the absolute form (3.2.2).
  const relative = text.startsWith("/") ? text : text.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
  const path = relative.startsWith("/") ? relative : `/${relative}`;
  if (!path.includes("%")) return path;
  const end = path.search(/[?#]/);
  const name = end < 0 ? path : path.slice(0, end);
  try {
    decodeURIComponent(name);
    return path;
  } catch {
    return name.replaceAll("%", "%25") + path.slice(name.length);
  }
}

/**
 * Tells Next the host that people see, whatever a proxy or a client says: it compares the origin of a server action with
 * it. On localhost the origin may go by another of its names.
 */
function tellHost(headers: IncomingMessage["headers"]): void {
  const { publicOrigin } = env();
  const { origin = publicOrigin } = headers;
  const [scheme = "", host = ""] = (isOwnOrigin(origin) ? origin : publicOrigin).split("://");
  headers.host = host;
  headers["x-forwarded-host"] = host;
  headers["x-forwarded-proto"] = scheme;
}
