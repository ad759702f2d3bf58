import "server-only";
import { env } from "@/lib/env";
import { Problem } from "@/lib/errors";

/**
 * Whether a request comes from a page of this site: `Sec-Fetch-Site`, which no script can forge, or, in a browser too
 * old to send it, `Origin`. A request with neither does not.
 */
export function isSameOrigin(headers: Pick<Headers, "get">): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  return headers.get("origin") === env().publicOrigin;
}

/** Throws `cross_site_request` unless the request comes from a page of this site. */
export function requireSameOrigin(headers: Pick<Headers, "get">): void {
  if (!isSameOrigin(headers)) throw new Problem("cross_site_request");
}

/**
 * Whether a request to a page, which may be a server action, comes from a page of this site. Next compares `Origin` with
 * the host, whatever `Sec-Fetch-Site` says, and answers a contradiction with a 500: that is refused, too.
 */
export function isFromOwnPage(headers: Pick<Headers, "get">): boolean {
  const origin = headers.get("origin");
  return isSameOrigin(headers) && (origin === null || isOwnOrigin(origin));
}

/** What to tell somebody whose request was refused: often it is only the address that is another. */
export function wordsForAnotherOrigin(): string {
  return `This request came from another site, or the address in your browser is not ${env().publicOrigin}.`;
}

const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?=:|$)/;

/** Whether an origin is the public one. On plain-http localhost, the machine's three names for itself are one. */
export function isOwnOrigin(origin: string): boolean {
  const { publicOrigin, secure } = env();
  if (origin === publicOrigin) return true;
  const oneName = (text: string) => text.replace(LOOPBACK, "http://localhost");
  return !secure && oneName(origin) === oneName(publicOrigin);
}
