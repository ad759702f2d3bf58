import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { env } from "@/lib/env";

// Next hands a route only headers, and X-Forwarded-For is whatever the client says. Node tells every request's socket
// on a diagnostics channel before Next sees it; there its address is written over a header of ours.

const SOCKET_ADDRESS = "x-latchkey-socket";

const holder = globalThis as typeof globalThis & { latchkeySocket?: boolean };

/** Begins to note the socket address of every request, and adds HSTS to every answer where people come by https. */
export function watchSockets(): void {
  if (holder.latchkeySocket) return;
  holder.latchkeySocket = true;
  const { secure } = env();
  subscribe("http.server.request.start", (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    request.headers[SOCKET_ADDRESS] = request.socket.remoteAddress ?? "";
    if (secure) response.setHeader("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
  });
}

const plain = (address: string) => address.trim().replace(/^::ffff:/i, "");

/**
 * The address of the client, or null when it is not known. With `TRUSTED_PROXY_HOPS` n, the n-th entry from the right
 * of X-Forwarded-For, since each proxy appends the address that it saw; with 0, the socket's.
 */
export function clientAddress(headers: Headers): string | null {
  const hops = env().trustedProxyHops;
  if (hops === 0) {
    const address = holder.latchkeySocket ? plain(headers.get(SOCKET_ADDRESS) ?? "") : "";
    return isIP(address) ? address : null;
  }
  const entries = (headers.get("x-forwarded-for") ?? "").split(",").map(plain);
  const address = entries.at(-hops) ?? "";
  return isIP(address) ? address : null;
}

/** "Lisbon, PT" as a trusted proxy in front tells it, or null. */
export function clientLocation(headers: Headers): string | null {
  if (env().trustedProxyHops === 0) return null;
  const city = headers.get("cf-ipcity") ?? headers.get("x-vercel-ip-city");
  const country = headers.get("cf-ipcountry") ?? headers.get("x-vercel-ip-country");
  const place = [city, country].filter((part) => part !== null && part !== "");
  return place.length > 0 ? decode(place.join(", ")).slice(0, 100) : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
