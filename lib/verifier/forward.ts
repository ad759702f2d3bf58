import "server-only";
import { env } from "@/lib/env";
import { hasBearer } from "@/lib/http/credential";
import { nextPath } from "@/lib/http/next-path";
import { HOME } from "@/lib/product";
import type { Admitted } from "@/lib/session/verify";
import type { IncomingHeaders } from "./incoming";

// Forward authentication, by the conventions of nginx's auth_request, Caddy's forward_auth, Traefik's ForwardAuth and
// Envoy's ext_authz: a gateway asks with each request, lets the request pass on 2xx, and relays any other answer.

/** Who the caller is, for the service behind the gateway; the gateway must overwrite what a client sends by these names. */
export function identityOf({ session, user }: Admitted): Record<string, string> {
  return {
    "X-Auth-User": user.id,
    "X-Auth-Session": session.id,
    "X-Auth-Email": inAscii(user.email),
    "X-Auth-Role": user.role,
  };
}

/** Header values hold ASCII: anything else is percent-encoded UTF-8, and so is the percent sign. */
const inAscii = (text: string) => text.toWellFormed().replace(/[^\x21-\x24\x26-\x7e]+/g, encodeURIComponent);

/**
 * Where to send a browser that must sign in first, or null for a caller who is told 401. A browser that navigates says so; one
 * that comes from another host than the public origin comes back to `HOME`.
 */
export function signInFor(headers: IncomingHeaders): string | null {
  const target = headers.get("x-forwarded-uri") ?? headers.get("x-original-uri");
  if (target === null || !isNavigation(headers)) return null;
  const { publicOrigin } = env();
  const host = headers.get("x-forwarded-host") ?? headers.get("x-original-host");
  const isHere = host === null || host === new URL(publicOrigin).host;
  const next = isHere ? nextPath(target) : HOME;
  return `${publicOrigin}/login?${new URLSearchParams({ next })}`;
}

function isNavigation(headers: IncomingHeaders): boolean {
  const method = headers.get("x-forwarded-method") ?? headers.get("x-original-method") ?? "GET";
  if ((method !== "GET" && method !== "HEAD") || hasBearer(headers)) return false;
  // Browsers say where the answer goes (W3C Fetch Metadata); other clients are judged by what they accept, and by whether they
  // sign in in a way of their own.
  const destination = headers.get("sec-fetch-dest");
  if (destination !== null) return /^(document|i?frame)$/.test(destination);
  if (headers.get("authorization")) return false;
  const accept = headers.get("accept");
  return accept === null || /text\/html|\*\/\*/i.test(accept);
}
