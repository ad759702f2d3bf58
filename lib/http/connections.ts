import "server-only";
import { subscribe } from "node:diagnostics_channel";
import { type IncomingMessage, Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { env } from "@/lib/env";

// Next starts Node's HTTP server and keeps it to itself. Node tells of every connection and every request on
// diagnostics channels before Next sees them; there goes what HTTP asks of a server and Next leaves undone.

type Exchange = { request: IncomingMessage; response: ServerResponse; socket: Socket };

/** Open connections, each with the number of its requests that are being answered. */
const connections = new Map<Socket, number>();
let isClosing = false;

/** Begins to watch connections and requests. */
export function watchConnections(): void {
  const { production, secure } = env();
  subscribe("net.server.socket", (message) => {
    const { socket } = message as { socket: Socket & { server?: unknown } };
    if (!(socket.server instanceof Server)) return;
    // RFC 9110, 7.8: an upgrade that is not understood is ignored. Next would neither answer nor hang up; only in
    // development it has one to offer.
    if (production) socket.server.removeAllListeners("upgrade");
    follow(socket);
  });
  subscribe("http.server.request.start", (message) => {
    const { request, response, socket } = message as Exchange;
    follow(socket);
    connections.set(socket, (connections.get(socket) ?? 0) + 1);
    repair(request);
    if (secure) response.setHeader("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
    if (isClosing) response.setHeader("Connection", "close");
  });
  subscribe("http.server.response.finish", (message) => {
    const { socket } = message as Exchange;
    const answering = connections.get(socket);
    if (answering === undefined) return;
    connections.set(socket, answering - 1);
    if (isClosing && answering === 1) socket.destroySoon();
  });
}

function follow(socket: Socket): void {
  if (connections.has(socket)) return;
  connections.set(socket, 0);
  socket.once("close", () => connections.delete(socket));
}

/**
 * From now on connections end with their answers, and those without a request end at once: a browser holds some in
 * reserve, and Node would wait for them without limit.
 */
export function closeConnections(): void {
  isClosing = true;
  for (const [socket, answering] of connections) if (answering === 0) socket.destroy();
}

/** Ends every connection, whatever is under way. */
export function cutConnections(): void {
  for (const socket of connections.keys()) socket.destroy();
}

/** Rewrites what Next would answer with a 500, so that it is refused like everything else that is not there. */
function repair(request: IncomingMessage): void {
  request.url = target(request.url ?? "/");
  // Node's `Request` cannot hold TRACE. By any other name it is a method that nobody knows.
  if (request.method === "TRACE") request.method = "X-TRACE";
}

/** The target of a request as a path (RFC 9112, 3.2), such that it can be decoded. */
function target(text: string): string {
  // Servers must take the absolute form, too (3.2.2).
  const relative = text.startsWith("/") ? text : text.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
  const path = relative.startsWith("/") ? relative : `/${relative}`;
  if (!path.includes("%")) return path;
  const end = path.search(/[?#]/);
  const name = end < 0 ? path : path.slice(0, end);
  try {
    decodeURIComponent(name);
    return path;
  } catch {
    return name.replaceAll("%", "%25") + path.slice(name.length);
  }
}
