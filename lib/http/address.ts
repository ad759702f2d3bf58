import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { isIP, SocketAddress } from "node:net";
import { env } from "@/lib/env";

// Next hands a route only headers, and X-Forwarded-For is whatever the client says. Node tells every request's socket
// on a diagnostics channel before Next sees it; there its address is written over a header of ours.

const SOCKET_ADDRESS = "x-latchkey-socket";

const holder = globalThis as typeof globalThis & { latchkeySocket?: boolean };

/** Begins to note the socket address of every request. */
export function watchSockets(): void {
  if (holder.latchkeySocket) return;
  holder.latchkeySocket = true;
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[SOCKET_ADDRESS] = request.socket.remoteAddress ?? "";
  });
}

/**
 * The address of the client, or null when it is not known. With `TRUSTED_PROXY_HOPS` n, the n-th entry from the right
 * of X-Forwarded-For, since each proxy appends the address that it saw; with 0, the socket's.
 */
export function clientAddress(headers: Headers): string | null {
  const hops = env().trustedProxyHops;
  if (hops === 0) return holder.latchkeySocket ? plainAddress(headers.get(SOCKET_ADDRESS) ?? "") : null;
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

/** "Lisbon, PT" as a trusted proxy in front tells it, or null. */
export function clientLocation(headers: Headers): string | null {
  if (env().trustedProxyHops === 0) return null;
  const city = headers.get("cf-ipcity") ?? headers.get("x-vercel-ip-city");
  const country = headers.get("cf-ipcountry") ?? headers.get("x-vercel-ip-country");
  const place = [city, country].filter((part) => part !== null && part !== "");
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
