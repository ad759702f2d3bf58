import "server-only";
import { env } from "@/lib/env";
import { Problem } from "@/lib/errors";
import { sessionCookieName } from "@/lib/session/cookie";
import type { Credential } from "@/lib/session/credential";
import type { Actor } from "@/lib/session/store";
import { clientAddress } from "./address";

/** The credential of a request. With an Authorization header, whatever it holds, cookies are ignored. */
export function credentialOf(headers: Headers): Credential | null {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const token = /^bearer +(.*)$/i.exec(authorization)?.[1]?.trim();
    return token ? { form: "bearer", value: token } : null;
  }
  const value = cookieValue(headers, sessionCookieName());
  return value ? { form: "cookie", value } : null;
}

/** The value of a cookie, or null. Ours never need decoding. */
export function cookieValue(headers: Headers, name: string): string | null {
  const prefix = `${name}=`;
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const cookie = part.trimStart();
    if (cookie.startsWith(prefix)) return cookie.slice(prefix.length).trimEnd() || null;
  }
  return null;
}

/**
 * Throws `invalid_request` for a transfer coding other than chunks (RFC 9112, 6.1). Node answers such a request with
 * 400 and hangs up, but hands it on first: what is refused must not be done all the same.
 */
export function requireKnownTransferCoding(headers: Headers): void {
  const coding = headers.get("transfer-encoding");
  if (coding === null || coding.toLowerCase() === "chunked") return;
  throw new Problem("invalid_request", {
    errors: { body: ["This transfer coding is not understood here."] },
  });
}

/** The path of a request. Next gives an absolute URL always; parsed whole, it would add some 5 µs to a check of 70. */
export function pathOf({ url }: Request): string {
  return /^[^/]*\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? "";
}

/** Who does something, from the headers of a request. */
export function actorOf(headers: Headers): Actor {
  const given = env().trustedProxyHops > 0 ? headers.get("x-request-id") : null;
  const requestId = given && /^[\w-]{8,64}$/.test(given) ? given : crypto.randomUUID();
  return {
    ip: clientAddress(headers),
    userAgent: headers.get("user-agent")?.slice(0, 500) ?? null,
    requestId,
  };
}
