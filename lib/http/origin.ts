import "server-only";
import { env } from "@/lib/env";
import { Problem } from "@/lib/errors";

/**
 * Whether a request comes from a page of this site: `Sec-Fetch-Site`, which no script can forge, or, in a browser too
 * old to send it, `Origin`. A request with neither does not.
 */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  return headers.get("origin") === env().publicOrigin;
}

/** Throws `cross_site_request` unless the request comes from a page of this site. */
export function requireSameOrigin(headers: Headers): void {
  if (!isSameOrigin(headers)) throw new Problem("cross_site_request");
}
