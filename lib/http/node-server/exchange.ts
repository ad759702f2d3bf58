import "server-only";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { singleton } from "@/lib/singleton";

// Next gives pages and routes only the headers of a request. Anything else they need travels in one more header, whose
// random name is chosen when the process starts, so that no client can send it.

/** The response to a request for a page, and whether its server action has begun. */
type Page = { response: ServerResponse; hasBegun: boolean };
/** `pages` holds those in progress, by number. */
type Exchanges = { header: string; last: number; pages: Map<string, Page> };

const exchanges = singleton(
  "exchanges",
  (): Exchanges => ({ header: `x-latchkey-${randomUUID()}`, last: 0, pages: new Map() }),
);

/** Notes the socket's address on a request. */
export function noteAddress(request: IncomingMessage): void {
  request.headers[exchanges().header] = request.socket.remoteAddress ?? "";
}

/** Notes the socket's address on a request for a page, and which response belongs to it. */
export function notePage(request: IncomingMessage, response: ServerResponse): void {
  const all = exchanges();
  all.last += 1;
  const id = String(all.last);
  const page = { response, hasBegun: false };
  all.pages.set(id, page);
  if (mayBeAction(request)) blameSender(page);
  request.headers[all.header] = `${request.socket.remoteAddress ?? ""} ${id}`;
  response.once("close", () => all.pages.delete(id));
}

/** Forgets the responses of a closed socket: one that was still queued emits no `close`. */
export function forgetPages(socket: Socket): void {
  const { pages } = exchanges();
  for (const [id, { response }] of pages) if (response.req.socket === socket) pages.delete(id);
}

function mayBeAction({ method, headers }: IncomingMessage): boolean {
  if (method !== "POST") return false;
  return headers["next-action"] !== undefined || /^multipart\//i.test(headers["content-type"] ?? "");
}

/** Next answers 500 to a call whose arguments it cannot read, as if it were our mistake. It is a 400. */
function blameSender(page: Page): void {
  let status = page.response.statusCode;
  Object.defineProperty(page.response, "statusCode", {
    configurable: true,
    get: () => status,
    set: (wanted: number) => {
      status = wanted === 500 && !page.hasBegun ? 400 : wanted;
    },
  });
}

function pageOf(headers: Pick<Headers, "get">): Page | undefined {
  const { header, pages } = exchanges();
  return pages.get(headers.get(header)?.split(" ")[1] ?? "");
}

/** Notes that a server action has begun, so its arguments were readable. `headers` are those of its request. */
export function noteAction(headers: Pick<Headers, "get">): void {
  const page = pageOf(headers);
  if (page) page.hasBegun = true;
}

/** The address of the socket that a request came over, as Node spells it, or "" when it is not known. */
export function socketAddress(headers: Pick<Headers, "get">): string {
  return headers.get(exchanges().header)?.split(" ", 1)[0] ?? "";
}

/**
 * Gives the answer to the page that is being rendered a status and header fields of its own, regardless of what is rendered
 * later: Next offers no status but 200, 404 and 500. `headers` are those of the request: `await headers()`. Call it before the
 * first byte has left, that is, not below a Suspense boundary; afterwards it does nothing.
 */
export function answerWith(
  headers: Pick<Headers, "get">,
  { status, fields = {} }: { status: number; fields?: Record<string, string> },
): void {
  const response = pageOf(headers)?.response;
  if (!response || response.headersSent) return;
  for (const [name, value] of Object.entries(fields)) response.setHeader(name, value);
  response.setHeader("Cache-Control", "no-store");
  // Next sets a status of its own before it writes the head.
  Object.defineProperty(response, "statusCode", { get: () => status, set: () => {} });
}
