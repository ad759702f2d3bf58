import "server-only";
import { sessionCookieName } from "@/lib/token/cookie";
import type { Credential } from "@/lib/token/credential";
import { cookieValue } from "./cookies";

// Used by the proxy, too: nothing of Node's, no database.

// RFC 9110, 11.4: the scheme is a token, in any case.
const BEARER = /^bearer(?![\w!#$%&'*+.^`|~-])[ \t]*(.*)$/i;

/** Whether a request comes with a Bearer header, with or without a token. */
export function hasBearer(headers: Pick<Headers, "get">): boolean {
  return BEARER.test(headers.get("authorization") ?? "");
}

/**
 * The credential of a request, for pages and routes alike. A Bearer header (RFC 6750, 2.1) puts cookies aside, even where
 * no token follows; any other scheme, such as the Basic of a staging site, is somebody else's.
 */
export function credentialOf(headers: Pick<Headers, "get">): Credential | null {
  const bearer = BEARER.exec(headers.get("authorization") ?? "");
  if (bearer) return bearer[1] ? { form: "bearer", value: bearer[1] } : null;
  const value = cookieValue(headers, sessionCookieName());
  return value ? { form: "cookie", value } : null;
}

/** The credential of a request to a page, which takes the cookie only. */
export function pageCredentialOf(headers: Pick<Headers, "get">): Credential | null {
  const credential = credentialOf(headers);
  return credential?.form === "cookie" ? credential : null;
}
