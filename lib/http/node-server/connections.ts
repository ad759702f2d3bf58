import "server-only";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { SECONDS } from "@/lib/time";
import { forgetPages } from "./exchange";

/** How long a request may take to arrive, in milliseconds. */
export const ARRIVAL_TIME = 30 * SECONDS;

const LOOK_EVERY = 1 * SECONDS;
const LINGER = 1 * SECONDS;

/**
 * An open connection: how many of its requests are being answered, and since when, in milliseconds, more than `read` bytes
 * have arrived, which are the beginning of a request whose head is incomplete.
 */
type Connection = { answering: number; read: number; since: number };

const connections = new Map<Socket, Connection>();
let isClosing = false;

/** Starts closing connections on which the head of a request does not arrive. Node itself checks only every 30 s. */
export function watchConnections(): void {
  setInterval(() => endStalled(performance.now()), LOOK_EVERY).unref();
}

/** Follows a connection from its opening, or from its first request. */
export function follow(socket: Socket): Connection {
  const known = connections.get(socket);
  if (known) return known;
  // For one that sends nothing at all, time counts from when it was opened.
  const connection = { answering: 0, read: -1, since: performance.now() };
  connections.set(socket, connection);
  socket.once("close", () => {
    connections.delete(socket);
    forgetPages(socket);
  });
  return connection;
}

/** Follows an answer until it has been sent, or its connection is closed. */
export function followAnswer(response: ServerResponse): void {
  follow(response.req.socket).answering += 1;
  if (isClosing) response.setHeader("Connection", "close");
  // Not `once`, which costs a check in the verifier a twentieth of its time: an answer closes once.
  response.on("close", noteAnswered);
}

function noteAnswered(this: ServerResponse): void {
  const { socket } = this.req;
  const connection = connections.get(socket);
  if (!connection) return;
  connection.answering -= 1;
  connection.read = socket.bytesRead;
  connection.since = performance.now();
  if (isClosing && connection.answering === 0) socket.destroySoon();
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
 * Closes a connection after an answer that did not wait for the rest of its request. Nothing more is read, so that what the client
 * sends costs no memory. Hanging up while it sends would lose the answer, so it gets a moment to read it.
 */
export function hangUpAfter(response: ServerResponse): void {
  const { req: request } = response;
  const { socket } = request;
  response.setHeader("Connection", "close");
  socket.pause();
  // After an answer, Node reads the rest of the request and drops it.
  request._read = () => {};
  // Node calls this once the last answer has been sent.
  socket.destroySoon = () => {
    socket.end();
    setTimeout(() => socket.destroy(), LINGER).unref();
  };
}

/**
 * From now on connections close after their answers, and idle ones close at once: browsers keep some in reserve, and Node
 * would wait for those for ever.
 */
export function closeConnections(): void {
  isClosing = true;
  for (const [socket, { answering }] of connections) if (answering === 0) socket.destroy();
}

/** Closes every connection, even in the middle of an answer. */
export function cutConnections(): void {
  for (const socket of connections.keys()) socket.destroy();
}
