import "server-only";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { SECONDS } from "@/lib/time";
import { forgetPages } from "./exchange";

/** A request must have arrived whole within this time, in milliseconds. */
export const ARRIVAL_TIME = 30 * SECONDS;

const LOOK_EVERY = 1 * SECONDS;
const LINGER = 1 * SECONDS;

/**
 * An open connection: how many of its requests are being answered; and since when, in milliseconds, more than `read`
 * bytes have come, which is the head of a request that is not there yet.
 */
type Connection = { answering: number; read: number; since: number };

const connections = new Map<Socket, Connection>();
let isClosing = false;

/** Begins to end connections on which the head of a request does not arrive; Node looks every 30 s only. */
export function watchConnections(): void {
  setInterval(() => endStalled(performance.now()), LOOK_EVERY).unref();
}

/** Follows a connection from its opening, or from its first request. */
export function follow(socket: Socket): Connection {
  const known = connections.get(socket);
  if (known) return known;
  // One that says nothing at all counts from its opening.
  const connection = { answering: 0, read: -1, since: performance.now() };
  connections.set(socket, connection);
  socket.once("close", () => {
    connections.delete(socket);
    forgetPages(socket);
  });
  return connection;
}

/** Follows the answer to a request of this connection. */
export function followAnswer(socket: Socket, response: ServerResponse): void {
  const connection = follow(socket);
  connection.answering += 1;
  if (isClosing) response.setHeader("Connection", "close");
  response.once("close", () => {
    connection.answering -= 1;
    connection.read = socket.bytesRead;
    connection.since = performance.now();
    if (isClosing && connection.answering === 0) socket.destroySoon();
  });
}

function endStalled(now: number): void {
  for (const [socket, connection] of connections) {
    if (connection.answering > 0 || connection.read === socket.bytesRead) connection.since = now;
    else if (now - connection.since >= ARRIVAL_TIME) {
      socket.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
      socket.destroySoon();
    }
  }
}

/**
 * Ends a connection after an answer that does not wait for the rest of its request. Nothing more is read of it, so that
 * what a client sends costs no memory. But to hang up on one that is sending would take the answer from it: it gets a moment.
 */
export function hangUpAfter(response: ServerResponse): void {
  const { req: request } = response;
  const { socket } = request;
  response.setHeader("Connection", "close");
  socket.pause();
  // After an answer Node asks for the rest of its request, to drop it.
  request._read = () => {};
  // Node calls this when the last answer has left.
  socket.destroySoon = () => {
    socket.end();
    setTimeout(() => socket.destroy(), LINGER).unref();
  };
}

/**
 * From now on connections end with their answers, and those without a request end at once: a browser holds some in
 * reserve, and Node would wait for them without limit.
 */
export function closeConnections(): void {
  isClosing = true;
  for (const [socket, { answering }] of connections) if (answering === 0) socket.destroy();
}

/** Ends every connection, whatever is under way. */
export function cutConnections(): void {
  for (const socket of connections.keys()) socket.destroy();
}
