import "server-only";
import { sessionCookieName } from "@/lib/token/cookie";
import type { Credential } from "@/lib/token/credential";
import { cookieValue } from "./cookies";

// Used by the proxy, too: nothing of Node's, no database.

/**
 * The credential of a request, for pages and routes alike. A Bearer header (RFC 6750, 2.1) puts cookies aside, even where
 * no token follows; any other scheme, such as the Basic of a staging site, is somebody else's.
 */
export function credentialOf(headers: Pick<Headers, "get">): Credential | null {
  // RFC 9110, 11.4: the scheme is a token, in any case.
  const bearer = /^bearer(?![\w!#$%&'*+.^`|~-])[ \t]*(.*)$/i.exec(headers.get("authorization") ?? "");
  if (bearer) return bearer[1] ? { form: "bearer", value: bearer[1] } : null;
  const value = cookieValue(headers, sessionCookieName());
  return value ? { form: "cookie", value } : null;
}

/** The credential of a request to a page, which takes the cookie only. */
export function pageCredentialOf(headers: Pick<Headers, "get">): Credential | null {
  const credential = credentialOf(headers);
  return credential?.form === "cookie" ? credential : null;
}
