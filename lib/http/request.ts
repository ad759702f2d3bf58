import "server-only";
import type { Actor } from "@/lib/audit";
import { env } from "@/lib/env";
import { clientAddress } from "./address";

/** The path of a request. Next gives an absolute URL always; parsed whole, it would add some 5 µs to a check of 70. */
export function pathOf({ url }: Request): string {
  return /^[^/]*\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? "";
}

/** Who does something, from the headers of a request. */
export function actorOf(headers: Pick<Headers, "get">): Actor {
  const { trustedRequestIdHeader } = env();
  const given = trustedRequestIdHeader ? headers.get(trustedRequestIdHeader) : null;
  const requestId = given && /^[\w-]{8,64}$/.test(given) ? given : crypto.randomUUID();
  return {
    // Read when it is wanted: a check of a session wants neither, and they cost a fifth of it.
    get ip() {
      return clientAddress(headers);
    },
    get userAgent() {
      return headers.get("user-agent")?.slice(0, 500) ?? null;
    },
    requestId,
  };
}
