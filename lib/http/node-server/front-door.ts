import "server-only";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type IncomingMessage, Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { env } from "@/lib/env";
import { PROBLEMS, type ProblemCode } from "@/lib/errors";
import { MAX_BODY } from "@/lib/http/body";
import { problemBody } from "@/lib/http/problem";
import { ARRIVAL_TIME, follow, followAnswer, hangUpAfter, watchConnections } from "./connections";
import { noteAddress, notePage } from "./exchange";
import { repair } from "./repair";
import { holdBody } from "./whole-body";

// Next starts Node's HTTP server and does not hand it out. A diagnostics channel of Node announces every connection, and with
// it the server. We put a listener in front of Next's, which does what HTTP asks of a server and Next leaves undone.
// See docs/decisions/0007-no-server-of-our-own.md.

/** Largest body of a request that is not for the API, in bytes: a form, or the arguments of a server action. */
export const MAX_PAGE_BODY = 64 * 1024;

const EVERY_ANSWER: [name: string, value: string][] = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "strict-origin-when-cross-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"],
  // For everything but pages: nothing may run. proxy.ts replaces it with a policy for pages.
  [
    "Content-Security-Policy",
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
];
const ASK_FOR_HTTPS: [name: string, value: string] = [
  "Strict-Transport-Security",
  "max-age=63072000; includeSubDomains",
];

/** The headers of every answer, as names and values in turn. */
export function headersOfEveryAnswer(): string[] {
  return EVERY_ANSWER.flat();
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

const known = new WeakSet<Server>();

/** The server behind the door. */
type House = {
  /** Whether a request is for the API, so that errors are answered as problem documents. */
  isForApi: (request: IncomingMessage) => boolean;
  /** Called with each request before anything else reads it. */
  prepare: (request: IncomingMessage) => void;
  /** Whether it writes `headersOfEveryAnswer` itself, together with its own: a third of the cost of setting each. */
  writesHeaders?: boolean;
};

const NEXT: House = {
  isForApi: ({ url = "" }) => url.startsWith("/api/") || url.startsWith("/.well-known/"),
  prepare: repair,
};

let house = NEXT;

/** Puts itself in front of every HTTP server of this process: Next's, unless told otherwise. */
export function openFrontDoor(behind: House = NEXT): void {
  house = behind;
  if (env().secure) EVERY_ANSWER.push(ASK_FOR_HTTPS);
  watchConnections();
  subscribe("net.server.socket", (message) => {
    const { socket } = message as { socket: Socket & { server?: unknown } };
    if (!(socket.server instanceof Server)) return;
    standBefore(socket.server);
    follow(socket);
  });
  // The first request may come over a connection that was opened before we subscribed.
  subscribe("http.server.request.start", meetServer);
}

function meetServer(message: unknown): void {
  standBefore((message as { server: Server }).server);
  unsubscribe("http.server.request.start", meetServer);
}

function standBefore(server: Server): void {
  if (known.has(server)) return;
  known.add(server);
  server.keepAliveTimeout = env().keepAlive;
  server.requestTimeout = ARRIVAL_TIME;
  // RFC 9110, 7.8: a server ignores an upgrade that it does not support. Next would neither answer nor hang up, and supports
  // one in development only.
  if (env().production) server.removeAllListeners("upgrade");

  const listeners = server.listeners("request") as Listener[];
  const next: Listener = (request, response) => {
    for (const listener of listeners) listener.call(server, request, response);
  };
  server.removeAllListeners("request");
  server.on("request", (request, response) => receive(request, response, next));
  // RFC 9110, 10.1.1: the client waits to be asked for the body.
  server.on("checkContinue", (request, response) => {
    receive(request, response, next);
    if (!response.writableEnded) response.writeContinue();
  });
}

function receive(request: IncomingMessage, response: ServerResponse, next: Listener): void {
  followAnswer(response);
  house.prepare(request);
  if (!house.writesHeaders) setHeaders(response);
  // Next flushes the head before it writes the first chunk. Without that, Node writes head, chunk and the end of a small answer
  // to the socket at once, which saves a tenth of the processor time.
  response.flushHeaders = () => {};
  const isApi = house.isForApi(request);
  if (isApi) noteAddress(request);
  else notePage(request, response);

  // Next has no OPTIONS for pages, and answers 400 to what load balancers ask by default.
  if (request.method === "OPTIONS" && !isApi) tellMethods(response);
  else if (hasBody(request)) takeBody(request, response, isApi ? MAX_BODY : MAX_PAGE_BODY, next);
  else next(request, response);
}

function setHeaders(response: ServerResponse): void {
  for (const [name, value] of EVERY_ANSWER) response.setHeader(name, value);
}

function takeBody(request: IncomingMessage, response: ServerResponse, limit: number, next: Listener): void {
  const problem = problemOfBody(request, limit);
  if (problem) {
    refuse(response, problem);
    return;
  }
  const timer = setTimeout(() => refuse(response, "request_timeout"), ARRIVAL_TIME).unref();
  response.once("close", () => clearTimeout(timer));
  holdBody(request, limit, (outcome) => {
    clearTimeout(timer);
    if (outcome === "too_large") refuse(response, "content_too_large");
    else next(request, response);
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** What the head alone shows to be wrong with a body, or null. */
function problemOfBody({ headers }: IncomingMessage, limit: number): ProblemCode | null {
  if (Number(headers["content-length"] ?? 0) > limit) return "content_too_large";
  // RFC 9112, 6.1.
  if ((headers["transfer-encoding"] ?? "chunked").toLowerCase() !== "chunked") return "invalid_request";
  if ((headers["content-encoding"] ?? "identity").toLowerCase() !== "identity")
    return "unsupported_media_type";
  return null;
}

function tellMethods(response: ServerResponse): void {
  response.writeHead(204, { Allow: "GET, HEAD, OPTIONS, POST", "Cache-Control": "no-store" }).end();
}

/** Refuses a request without waiting for the rest of it, and closes its connection. */
function refuse(response: ServerResponse, code: ProblemCode): void {
  const { req: request } = response;
  const isApi = house.isForApi(request);
  const { status, title } = PROBLEMS[code];
  const body = isApi ? problemBody(code) : `${title}\n`;
  hangUpAfter(response);
  setHeaders(response);
  response.writeHead(status, {
    "Content-Type": isApi ? "application/problem+json" : "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}
