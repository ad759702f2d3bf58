import "server-only";
import { isIP, SocketAddress } from "node:net";
import { env } from "@/lib/env";
import { socketAddress } from "@/lib/http/node-server/exchange";

/**
 * The address of the client, or null when it is not known. With `TRUSTED_PROXY_HOPS` n, the n-th entry from the right
 * of X-Forwarded-For, since each proxy appends the address that it saw; with 0, the socket's.
 */
export function clientAddress(headers: Pick<Headers, "get">): string | null {
  const hops = env().trustedProxyHops;
  if (hops === 0) return plainAddress(socketAddress(headers));
  return plainAddress((headers.get("x-forwarded-for") ?? "").split(",").at(-hops) ?? "");
}

/** An address in its one spelling (RFC 5952), without the port that some proxies append; null when it is none. */
function plainAddress(text: string): string | null {
  const bare = text.trim().replace(/^\[(.*)\](:\d+)?$|^([\d.]+):\d+$/, "$1$3");
  const version = isIP(bare);
  if (version === 0) return null;
  if (version === 4) return bare;
  const { address } = new SocketAddress({ address: bare.replace(/%.*$/, ""), family: "ipv6" });
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

/** "Lisbon, PT" as the headers tell it that the operator trusts, or null. */
export function clientLocation(headers: Headers): string | null {
  const place = env()
    .trustedLocationHeaders.map((name) => headers.get(name) ?? "")
    .filter((part) => part !== "");
  const text = decode(place.join(", "))
    .replace(/\p{Cc}/gu, "")
    .toWellFormed();
  return [...text].slice(0, 100).join("") || null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
