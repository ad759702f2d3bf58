import "server-only";
import { env } from "@/lib/env";

// One parser for pages, routes and the proxy. Where two of them read a Cookie header differently, a sibling host can
// plant a cookie that only one of them takes for ours.

/** What RFC 6265bis calls white space. JavaScript's `trim` strips more, and the rest would hide a foreign name. */
const WHITE_SPACE = " \t";

/**
 * The value of a cookie, or null. Its name is compared byte for byte; nothing is decoded, unquoted or folded.
 *
 * On https a name that comes twice counts as absent: with `__Host-` a browser sends it once. On plain-http localhost any
 * app may have set the same name, so all values are given, separated by `;`, which no value holds: `openCookie` takes the
 * first that opens.
 */
export function cookieValue(headers: Pick<Headers, "get">, name: string): string | null {
  const prefix = `${name}=`;
  const values: string[] = [];
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const pair = stripped(part);
    if (pair.startsWith(prefix)) values.push(pair.slice(prefix.length));
  }
  if (values.length > 1 && env().secure) return null;
  return values.join(";") || null;
}

/** Without white space at its ends. An expression would search all of a long value for the end. */
function stripped(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && WHITE_SPACE.includes(text.charAt(start))) start += 1;
  while (end > start && WHITE_SPACE.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
